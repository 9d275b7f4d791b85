"""The tables of a Postgres: made all or nothing, beside what is there, for nobody from the web."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from taskq.errors import BadInput, NotSetUp
from taskq.models import Outcome
from taskq.stores import open_store
from taskq.stores.postgres import making
from taskq.stores.tables import Wanted, script

DOCUMENTED = """
create table {schema}tasks (
  id text primary key, type text, current_status text, result_data jsonb, error_message text,
  created_at timestamptz, started_at timestamptz, completed_at timestamptz{more})
"""
ROWS = """
insert into tasks values
  ('abc-123', 'shopify_order', 'completed',
   '{"progress": [{"message": "Task started by worker-1", "timestamp": "2025-11-23T10:00:00.1"}]}',
   null, '2025-11-23T10:00:00Z', '2025-11-23T10:00:00Z', '2025-11-23T10:00:25Z'),
  ('abc-124', 'shopify_order', 'pending', null, null, null, null, null),
  ('abc-125', 'shopify_order', 'processing', '{}', null, '2025-11-23T10:00:00Z', now(), null)
"""
WEB = ("anon", "authenticated", "service_role")


@pytest.fixture
def database(postgres):
    """An empty database: (its address, a connection to it)."""
    url = postgres.make("made")
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        yield url, connection
    postgres.drop("made")


@pytest.fixture
def supabase(database):
    """A database with the roles of a Supabase."""
    url, connection = database
    for role in WEB:
        connection.execute(f"create role {role} nologin")
        connection.execute(f"alter default privileges grant all on tables to {role}")
    connection.execute("create publication supabase_realtime")
    yield url, connection
    connection.execute(f"drop owned by {', '.join(WEB)} cascade")
    connection.execute(f"drop role {', '.join(WEB)}")


def opened(url):
    return closing(open_store(url))


def columns(connection):
    return connection.execute(
        "select column_name from information_schema.columns where table_name = 'tasks'"
    ).fetchall()


def sees(connection, role, what):
    """How many rows *role* sees of *what*; None where it may not look."""
    try:
        with connection.transaction():
            connection.execute(f"set local role {role}")
            return connection.execute(f"select count(*) from {what}").fetchone()[0]
    except psycopg.errors.InsufficientPrivilege:
        return None


def test_a_documented_table_keeps_all_it_has_and_becomes_the_queue(database, a_new_task, a_worker):
    url, connection = database
    connection.execute(DOCUMENTED.format(schema="", more=", owner uuid"))
    connection.execute(ROWS.replace("null)", "null, null)").replace("25Z')", "25Z', null)"))
    before = connection.execute("select id, type, created_at, result_data from tasks").fetchall()

    assert making.init(url) is True
    with opened(url) as store:
        done = store.get("abc-123")
        new, _ = store.submit(a_new_task())
        worker = a_worker(store)
        claimed = store.claim(worker, {"shopify_order": []})

        assert (done.outcome, len(done.progress)) == (Outcome.SUCCEEDED, 1)
        assert claimed.id == new.id
        assert store.claim(worker, {"shopify_order": []}) is None  # theirs are not ours to run
        assert store.reap() == []
        assert len(store.list()) == 4
    kept = "select id, type, created_at, result_data from tasks where id like 'abc-%'"
    assert connection.execute(kept).fetchall() == before


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("create table tasks (id uuid primary key, title text)", "id is uuid"),
        (DOCUMENTED.format(schema="", more="").replace(" primary key", ""), "id is not unique"),
        (DOCUMENTED.format(schema="", more=", title text not null"), "title must always be given"),
        (DOCUMENTED.format(schema="", more=", outcome text"), "of our names and other kinds"),
        (DOCUMENTED.format(schema="", more=", attempt text"), "of our names and other kinds"),
        (
            DOCUMENTED.format(schema="", more=", note text")
            + "; create index tasks_key on tasks (note)",
            "another index tasks_key",
        ),
        (
            DOCUMENTED.format(schema="", more="") + "; insert into tasks values ('a', 'b', 'done')",
            "1 rows have another current_status",
        ),
    ],
)
def test_another_table_is_left_as_it_is_and_ours_is_made_beside_it(
    database, a_new_task, table, why
):
    url, connection = database
    connection.execute(table)
    before = columns(connection)
    with pytest.raises(NotSetUp, match=why) as refused:
        making.init(url)

    assert str(refused.value).endswith("taskq db init --schema taskq_jobs")
    assert columns(connection) == before
    assert connection.execute("select to_regclass('taskq.migrations')").fetchone() == (None,)

    making.init(url, Wanted("taskq_jobs"))
    with opened(url) as store:
        store.submit(a_new_task())
        assert len(store.query("select id from tasks").rows) == 1
        assert store.query("select count(*) from task_progress").rows == [(0,)]


def test_a_schema_may_be_called_like_a_word_of_sql(database, a_new_task):
    url, _ = database
    making.init(url, Wanted("order"))
    with opened(url) as store:
        assert store.submit(a_new_task())[1]

    with pytest.raises(BadInput, match="in the schema order already"):
        making.init(url, Wanted("public"))
    assert making.init(url) is True
    with pytest.raises(BadInput, match="cannot name a schema"):
        script(Wanted('x"; drop table tasks; --'))


@pytest.mark.parametrize("home", ["public", "jobs"])
def test_nobody_from_the_web_sees_anything_until_it_is_asked_for(supabase, home, a_new_task):
    url, connection = supabase
    making.init(url, Wanted(home))
    with opened(url) as store:
        store.submit(a_new_task())

    tables = [f"{home}.tasks", f"{home}.task_progress", "taskq.workers", "taskq.migrations"]
    for role in ("anon", "authenticated"):
        assert [sees(connection, role, each) for each in tables] == [None] * 4
    assert sees(connection, "service_role", f"{home}.tasks") in {0, 1}

    making.init(url, Wanted(home, web_read=True))
    making.init(url, Wanted(home))  # once more, for whatever reason
    assert sees(connection, "authenticated", f"{home}.tasks") == 1
    assert sees(connection, "authenticated", f"{home}.task_progress") == 0
    assert sees(connection, "anon", f"{home}.tasks") is None
    assert sees(connection, "authenticated", "taskq.workers") is None
    locked = f"(select 1 from {home}.tasks for update) locked"
    assert sees(connection, "authenticated", locked) is None


def test_who_is_logged_in_sees_their_own_where_the_table_says_whose_it_is(supabase):
    url, connection = supabase
    connection.execute("create schema auth")
    connection.execute(
        "create function auth.uid() returns uuid language sql as "
        "$$ select '00000000-0000-0000-0000-000000000001'::uuid $$"
    )
    connection.execute("grant usage on schema auth to authenticated")
    connection.execute(DOCUMENTED.format(schema="", more=", owner uuid"))
    making.init(url, Wanted(web_read=True))
    for number in (1, 2):
        connection.execute(
            "insert into tasks (id, type, owner) values (%s, 'any', %s)",
            [f"task-{number}", f"00000000-0000-0000-0000-00000000000{number}"],
        )

    assert sees(connection, "authenticated", "tasks") == 1


def test_listeners_of_supabase_are_told_of_tasks_where_that_is_asked_for(supabase):
    url, connection = supabase
    told = "select tablename from pg_publication_tables where pubname = 'supabase_realtime'"
    making.init(url)
    assert connection.execute(told).fetchall() == []

    for _ in range(2):
        making.init(url, Wanted(realtime=True))
    assert connection.execute(told).fetchall() == [("tasks",)]


@pytest.fixture
def app(postgres, database):
    """A role that owns nothing: its name and its address of the database."""
    _, connection = database
    connection.execute(f"create role app login password '{postgres.password}'")
    yield "app", postgres.url("made").replace("//postgres:", "//app:")
    connection.execute("drop owned by app cascade")
    connection.execute("drop role app")


@pytest.mark.parametrize("home", [None, "jobs"])
def test_a_role_that_was_let_in_works_and_makes_nothing(
    database, app, home, a_new_task, a_worker, placed, failed
):
    url, _ = database
    role, theirs = app
    making.init(url, Wanted(home))
    with pytest.raises(NotSetUp, match="taskq db init --grant ROLE"):
        open_store(theirs)
    for _ in range(2):
        making.init(url, Wanted(role=role))

    with opened(theirs) as store:
        worker = a_worker(store)
        first, second = (store.submit(a_new_task(identity=str(number)))[0] for number in (1, 2))
        task = store.claim(worker, {first.type: ()})
        store.step(task, "Opening product page", planned=True)
        store.note(task.id, "Still at it")
        store.intent(task, "Processing payment", {"shop": "kith.com"})
        assert store.beat(worker, [task]).lost == set()
        store.end(task, placed)
        store.end(store.claim(worker, {second.type: ()}), failed)
        store.cancel(store.retry(second.id, 3).id)
        later = datetime.now(UTC) + timedelta(hours=1)
        assert len(store.prune([first.id, second.id], later, lambda _: None)) == 2
        assert store.list() == store.reap() == []
        assert [each.id for each in store.workers()] == [worker.id]
        store.leave(worker.id)
    with closing(psycopg.connect(theirs, autocommit=True)) as hand:
        for wish in ("alter table taskq.workers add x int", "delete from taskq.migrations"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                hand.execute(wish)


def test_a_role_that_is_not_there_is_not_made(database):
    url, connection = database
    with pytest.raises(NotSetUp, match="Nothing was made: there is no role nobody"):
        making.init(url, Wanted(role="nobody"))
    with pytest.raises(BadInput, match="cannot name a role here"):
        making.init(url, Wanted(role='app"; drop'))

    assert columns(connection) == []


def test_what_is_printed_makes_the_same(database):
    url, connection = database
    with connection.transaction():
        connection.execute(script(Wanted()).encode())
    with opened(url) as store:
        assert store.examine()["schema"] == "1 in public"
    assert making.init(url) is True
