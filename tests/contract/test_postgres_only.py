"""What only a server can do wrong: plans it chooses, transactions side by side, being set up."""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from taskq.errors import Duplicate, LeaseLost, NotSetUp
from taskq.models import Status
from taskq.process import Process
from taskq.stores import open_store
from taskq.stores.postgres import making
from tests.contract.test_query import ALL, COUNT, LATEST

FORMS = ("postgres",)
ORDERS = [
    {"message": "one", "timestamp": "2025-11-23T10:00:00.123456"},
    {"message": "two", "timestamp": "2025-11-23T10:00:01.234456"},
    {"message": "thrée", "timestamp": "2025-11-23T10:00:04.234456"},
]


@pytest.fixture
def plain(postgres, store, store_url):
    """A connection of somebody who knows nothing of taskq."""
    name = store_url.rpartition("/")[2]
    with closing(psycopg.connect(postgres.url(name), autocommit=True)) as connection:
        yield connection


# Reading with plain SQL


def test_the_documented_queries_run_as_they_stand(store, plain, a_claimed_task, a_new_task):
    task = a_claimed_task(id="your-task-id")
    store.step(task, "Opening product page")
    store.submit(a_new_task())
    task = store.get(task.id)
    last = task.progress[-1]
    latest, every, counted = (plain.execute(query).fetchall() for query in (LATEST, ALL, COUNT))

    assert latest == [(task.id, task.type, "processing", last.message, last.timestamp)]
    assert every == [(task.id, task.type, entry) for entry in task.result_data["progress"]]
    assert counted == [(task.id, task.type, "processing", 2)]
    for query in (LATEST, ALL, COUNT):
        assert len(store.query(query).rows) == plain.execute(query).rowcount


def test_the_view_shows_the_same_rows_as_on_sqlite(store, plain, tmp_path, a_new_task):
    rows = "select * from task_progress order by task_id, step"
    with closing(open_store(str(tmp_path / "taskq.db"))) as other:
        for each in (store, other):
            for name in ("a", "b", "c"):
                each.submit(a_new_task(id=name))
        for each, mark in ((plain, "%s"), (other._connections.durable(), "?")):
            each.execute(
                f"update tasks set result_data = {mark} where id <> 'c'",
                (json.dumps({"progress": ORDERS}),),
            )
            each.execute(
                "update tasks set current_status = 'completed', "
                "completed_at = '2025-11-23T10:00:04.734456Z' where id = 'a'"
            )
        ours, theirs = store.query(rows), other.query(rows)

    assert ours.columns == theirs.columns
    assert [tuple(row) for row in ours.rows] == [tuple(row) for row in theirs.rows]
    assert [row[6] for row in theirs.rows] == [1.111, 3.0, 0.5, 1.111, 3.0, None]


def test_the_four_statuses_are_the_only_ones(plain, a_claimed_task):
    a_claimed_task()
    for wrong in ("current_status = 'paused'", "result_data = '[]'"):
        with pytest.raises(psycopg.errors.CheckViolation):
            plain.execute(f"update tasks set {wrong}")


# Plans, and transactions side by side


def test_a_claim_takes_one_task_whatever_plan_the_server_chooses(
    postgres, new_database, a_new_task, a_worker
):
    url = new_database()
    name = url.rpartition("/")[2]
    for switch in ("hashjoin", "mergejoin", "sort", "material", "bitmapscan", "indexscan"):
        postgres.run(f'alter database "{name}" set enable_{switch} = off')
    with closing(open_store(url)) as store:
        tasks = [store.submit(a_new_task())[0] for _ in range(50)]
        worker = a_worker(store)
        for number, task in enumerate(tasks[:5], 1):
            assert store.claim(worker, {task.type: []}).id == task.id
            assert store.counts() == {"pending": 50 - number, "processing": number}
    postgres.drop(name)


def test_a_lane_is_never_fuller_than_it_may_be_among_eight_processes(
    store, racers, a_new_task, plain
):
    for number in range(120):
        store.submit(a_new_task(lane="kith.com" if number % 2 else "allbirds.com"))
    fullest, over = [0], threading.Event()

    def look():
        inside = "select count(*) from tasks where current_status = 'processing' group by lane"
        while not over.is_set():
            fullest.append(max((n for (n,) in plain.execute(inside)), default=0))

    watcher = threading.Thread(target=look)
    watcher.start()
    done = racers(*[{"do": "work", "type": "shopify_order", "per_lane": 2}] * 8)
    over.set()
    watcher.join()

    assert sum(done) == 120
    assert max(fullest) in {1, 2}
    assert {task.attempt for task in store.list(limit=200)} == {1}


def test_a_lane_that_nobody_leaves_is_entered_as_often_as_it_may(store, racers, a_new_task):
    for _ in range(40):
        store.submit(a_new_task(lane="kith.com"))
    claimed = racers(*[{"do": "claim", "type": "shopify_order", "per_lane": 3}] * 8)

    assert sum(map(len, claimed)) == 3
    assert store.counts() == {"pending": 37, "processing": 3}


def test_of_two_intents_of_one_identity_at_once_one_is_refused(
    open_another, a_claimed_task, together
):
    """Each would see no other, if nothing stood between two transactions side by side."""
    stores = [open_another(), open_another()]
    for number in range(40):
        tasks = [a_claimed_task(identity=f"hoodie {number}") for _ in stores]
        gave = together(
            *[
                lambda s=s, task=task: s.intent(task, "Processing payment", {})
                for s, task in zip(stores, tasks, strict=True)
            ]
        )

        assert gave.count(None) == 1
        assert sum(isinstance(refused, Duplicate) for refused in gave) == 1


def test_a_submit_beside_an_intent_of_its_identity_never_pays_as_well(
    open_another, a_claimed_task, a_new_task, a_worker, together
):
    one, other = open_another(), open_another()
    worker = a_worker(one)
    for number in range(20):
        task = a_claimed_task(identity=f"hoodie {number}")
        twin = a_new_task(identity=task.identity)
        paid, made = together(
            lambda task=task: one.intent(task, "Processing payment", {}),
            lambda twin=twin: other.submit(twin),
        )

        assert paid is None
        if not isinstance(made, Duplicate):
            second = one.claim(worker, {twin.type: []}, only=twin.id, per_lane=99)
            with pytest.raises(Duplicate):
                one.intent(second, "Processing payment", {})


def test_ten_reapers_at_once_handle_each_lost_task_once(
    store, hasty, open_another, a_claimed_task, together
):
    stores = [open_another() for _ in range(10)]
    for _ in range(5):
        tasks = [a_claimed_task(by=hasty) for _ in range(8)]
        lost = [task for found in together(*[s.reap for s in stores]) for task in found]

        assert sorted(task.id for task in lost) == sorted(task.id for task in tasks)
        for task in tasks:
            assert len(store.get(task.id).progress) == 2
            store.cancel(task.id)


def test_a_zombie_in_a_race_with_its_successor_writes_nothing(
    store, hasty, open_another, a_claimed_task, a_worker, together
):
    other, worker = open_another(), a_worker(store)
    for _ in range(20):
        task = a_claimed_task(by=hasty)
        store.reap()
        wrote, again = together(
            lambda task=task: other.step(task, "I am back"),
            lambda task=task: store.claim(worker, {task.type: []}, only=task.id),
        )

        assert isinstance(wrote, LeaseLost)
        assert again.attempt == 2
        assert "I am back" not in [entry.message for entry in store.get(task.id).progress]


def test_time_is_the_servers(store, a_claimed_task, plain):
    """A worker's clock may be wrong: no moment of a row is its own."""
    (before,) = plain.execute("select clock_timestamp()").fetchone()
    task = a_claimed_task()
    store.step(task, "Opening product page")
    (after,) = plain.execute("select clock_timestamp()").fetchone()
    task = store.get(task.id)
    moments = [task.created_at, task.started_at, *(entry.at for entry in task.progress)]

    assert all(before <= moment <= after for moment in moments)


def test_a_pooler_that_nobody_spoke_of_is_found_out(pgbouncer, store_url, store, a_claimed_task):
    """A notification never comes through it; whoever waits is woken all the same."""
    task = a_claimed_task()
    with closing(open_store(pgbouncer.url(store_url.rpartition("/")[2]))) as pooled:
        hints = pooled.hints()
        hints.changed([task.id])
        store.step(task, "Opening product page")

        assert hints.wait(5)
        assert hints.changed([task.id]) == [store.get(task.id)]


# Being set up


def test_a_database_without_tables_is_left_without_and_the_command_is_named(postgres):
    url = postgres.make("empty")
    with pytest.raises(NotSetUp, match="taskq db init") as refused, closing(open_store(url)) as s:
        s.list()

    assert refused.value.exit_code == 5
    tables = "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
    assert postgres.run(tables, database="empty") == [(0,)]
    postgres.drop("empty")


def test_many_set_it_up_at_once_and_once_more(postgres, together, a_new_task):
    url = postgres.make("several")
    together(*[lambda: making.init(url)] * 6)
    with closing(open_store(url)) as store:
        task, _ = store.submit(a_new_task())
        making.init(url)

        assert store.list() == [task]
    postgres.drop("several")


@pytest.mark.parametrize("wrong", ["password", "port", "database", "host"])
def test_a_server_that_is_not_reached_is_a_sentence_without_the_password(postgres, wrong):
    url = {
        "password": postgres.url().replace(postgres.password, "wrong-secret"),
        "port": postgres.url(port=1),
        "database": postgres.url("nowhere"),
        "host": postgres.url(host="nowhere.invalid"),
    }[wrong]
    with pytest.raises(NotSetUp) as refused, closing(open_store(url, patience=0.2)) as store:
        store.list()

    assert "\n" not in str(refused.value)
    assert postgres.password not in str(refused.value)
    assert "wrong-secret" not in str(refused.value)


def test_a_task_of_many_numbers_keeps_them(store, a_new_task):
    """JSON in JSON out: what jsonb keeps otherwise than text is not what params are made of."""
    params = {"n": 1, "price": "12.50", "ä": ["ü", None, True, {"deep": [1, 2.5]}], "empty": {}}
    task, _ = store.submit(a_new_task(params=params))

    assert store.get(task.id).params == params
    assert store.get(task.id).current_status is Status.PENDING


def test_a_worker_of_another_machine_that_is_called_so_is_believed_to_live(
    store, a_worker, a_claimed_task
):
    theirs = replace(Process.current(), boot_id="theirs", pid=1)
    worker = store.enlist(theirs, 1, 1, ["shopify_order"])
    task = a_claimed_task(worker=worker)

    assert [each.alive for each in store.workers()] == [True]
    assert a_worker(store).name == "worker-2"
    assert store.reap() == []
    assert store.get(task.id) == task


def test_the_clock_of_an_intent_is_utc_whatever_the_server_shows(
    plain, store_url, open_another, a_paying_task
):
    name = store_url.rpartition("/")[2]
    plain.execute(f"alter database \"{name}\" set timezone to 'Asia/Kolkata'")
    try:
        task = a_paying_task(by=open_another())
    finally:
        plain.execute(f'alter database "{name}" reset timezone')
    at = datetime.fromisoformat(task.intent["at"])

    assert task.intent["at"].endswith("Z")
    assert abs(datetime.now(UTC) - at) < timedelta(seconds=20)


def test_a_column_that_somebody_adds_disturbs_nobody(
    store, plain, a_new_task, a_worker, a_claimed_task, failed
):
    worker = a_worker(store)
    for _ in range(2):
        for _ in range(8):  # prepared by then
            store.end(a_claimed_task(worker=worker), failed)
        plain.execute("alter table tasks add column if not exists owner uuid")
        try:
            store.end(a_claimed_task(worker=worker), failed)
            assert store.reap() == []
            store.submit(a_new_task())
            assert store.claim(worker, {"shopify_order": []})
        finally:
            plain.execute("alter table tasks drop column owner")


NOTED = """
create table noted (setting text);
create function note() returns trigger language plpgsql as $$ begin
  insert into noted values (current_setting('synchronous_commit')); return null;
end $$;
create trigger note after insert or update on tasks for each statement execute function note()
"""


@pytest.mark.parametrize(("asked", "kept"), [("off", "on"), ("remote_write", "remote_write")])
def test_what_is_acknowledged_is_durable_whatever_the_database_is_set_to(
    store, plain, store_url, open_another, a_new_task, a_worker, placed, asked, kept
):
    name = store_url.rpartition("/")[2]
    plain.execute(f'alter database "{name}" set synchronous_commit = {asked}')
    plain.execute(NOTED)
    try:
        other = open_another()
        worker = a_worker(other)
        task, _ = other.submit(a_new_task())
        task = other.claim(worker, {task.type: []})
        plain.execute("delete from noted")
        other.submit(a_new_task())
        other.intent(task, "Processing payment", {})
        other.end(task, placed)

        assert plain.execute("select setting from noted").fetchall() == [(kept,)] * 3
    finally:
        plain.execute(f'alter database "{name}" reset synchronous_commit')
        plain.execute("drop trigger note on tasks; drop function note; drop table noted")


def test_the_stores_of_a_host_tell_of_changes_once_for_all(
    plain, open_another, a_claimed_task, together
):
    task = a_claimed_task()
    stores = [open_another() for _ in range(4)]
    plain.execute("listen taskq")
    until = time.monotonic() + 1

    def write(store):
        while time.monotonic() < until:
            store.note(task.id, "Still at it")

    together(*[lambda s=s: write(s) for s in stores])
    told = len(list(plain.notifies(timeout=0.2)))

    assert 1 <= told <= 60  # each for itself would tell about 30 times


def test_who_told_and_is_gone_is_relied_on_no_longer(plain, store, a_claimed_task, until):
    task = a_claimed_task()
    plain.execute("listen taskq")
    # As one leaves it who tells for all and is killed: ours hears of it, and relies on that one.
    store._announcer._moments.looked = time.monotonic_ns()
    until(lambda: not list(plain.notifies(timeout=0.2)))

    def is_told():
        store.note(task.id, "Still at it")
        return list(plain.notifies(timeout=0.05, stop_after=1))

    assert until(is_told)


def test_what_the_server_did_not_hear_stays_to_be_told(plain, store, open_another, a_claimed_task):
    task, other = a_claimed_task(), open_another()
    plain.execute("listen taskq")
    for _ in range(5):
        store.note(task.id, "Still at it")
        assert list(plain.notifies(timeout=5, stop_after=1))
        # It tells for both now, over a connection that ends.
        session = store._connections._first.info.backend_pid
        plain.execute("select pg_terminate_backend(%s, 5000)", [session])
        list(plain.notifies(timeout=0))
        other.note(task.id, "Still at it")
        assert list(plain.notifies(timeout=5, stop_after=1))
