"""Who does the same eight updates of a task: taskq, and the best SQL that a careful hand writes.

Each makes its tables, fills them with pending tasks, and works in a process of its own on one
connection: it calls *done* after every task, which never comes back from the last.
"""

import psycopg
from psycopg.rows import dict_row

from taskq.models import Ending, Status
from taskq.process import Process
from taskq.stores import open_store
from taskq.stores.postgres import making

ENTRIES = [f"Step {number} of the way has been taken" for number in range(1, 7)]
RESULT = {"order": "#1001", "total": "164.96"}


class Taskq:
    """PostgresStore: claim and end are durable, entries are soon."""

    name = "taskq"

    def __init__(self, lanes=False):
        self.lane = "'shop-' || n || '.example'" if lanes else "null"
        self.name = "taskq, in lanes" if lanes else "taskq"

    def make(self, url):
        making.init(url)

    def fill(self, connection, many):
        connection.execute("truncate public.tasks")
        self.add(connection, many)

    def add(self, connection, many):
        connection.execute(
            f"""insert into public.tasks (id, type, params, lane, max_attempts)
            select 'bench-' || n, 'shopify', '{{"size": "Medium"}}', {self.lane}, 3
            from generate_series(1, {many}) n"""
        )

    def work(self, url, done):
        store = open_store(url)
        worker = store.enlist(Process.current(), None, 1, ["shopify"])
        while task := store.claim(worker, {"shopify": ()}):
            for entry in ENTRIES:
                store.step(task, entry)
            store.end(task, Ending(Status.COMPLETED, "Done", result=RESULT))
            done()


ENTRY = """jsonb_set(result_data, '{progress}', coalesce(result_data->'progress', '[]')
  || jsonb_build_object('message', %(message)s::text, 'timestamp',
    to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US')))"""
CLAIM = f"""
with next as materialized (
  select id from tasks where current_status = 'pending' and (run_at is null or run_at <= now())
  order by priority desc, created_at, seq limit 1 for update skip locked)
update tasks t set current_status = 'processing', fence = fence + 1, attempts = attempts + 1,
  worker = %(worker)s, started_at = coalesce(started_at, now()),
  lease_expires_at = now() + interval '60 s', result_data = {ENTRY}
from next where t.id = next.id returning t.*
"""
MINE = "where id = %(id)s and fence = %(fence)s and current_status = 'processing'"
APPEND = f"""
update tasks set result_data = {ENTRY}, lease_expires_at = now() + interval '60 s'
{MINE} returning cancel_requested
"""
SOON = APPEND.replace(
    "returning", "and set_config('synchronous_commit', 'off', true) is not null returning"
)
FINISH = f"""
update tasks set current_status = 'completed', completed_at = now(), lease_expires_at = null,
  result_data = {ENTRY} || %(result)s::jsonb
{MINE} returning *
"""
TABLE = """
create table tasks (
  id text primary key, type text not null, current_status text not null default 'pending'
    check (current_status in ('pending', 'processing', 'completed', 'failed')),
  result_data jsonb not null default '{}' check (jsonb_typeof(result_data) = 'object'),
  error_message text, created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz, completed_at timestamptz, seq bigint generated always as identity,
  params jsonb not null default '{}', plan jsonb, key text unique, priority int not null default 0,
  run_at timestamptz, fence int not null default 0, attempts int not null default 0,
  worker text, lease_expires_at timestamptz, cancel_requested boolean not null default false
) with (fillfactor = 70);
create index on tasks (priority desc, created_at, seq) where current_status = 'pending';
create index on tasks (id) where current_status = 'processing';
create index on tasks (created_at desc);
"""


class ByHand:
    """psycopg and three statements, with a lease and a fence; no lanes, and nobody who watches."""

    def __init__(self, every_commit_durable):
        self.append = APPEND if every_commit_durable else SOON
        self.name = "by hand, all durable" if every_commit_durable else "by hand, entries soon"

    def make(self, url):
        with psycopg.connect(url) as connection:
            connection.execute(TABLE)

    def fill(self, connection, many):
        connection.execute("truncate tasks")
        connection.execute(
            f"""insert into tasks (id, type, params)
            select 'bench-' || n, 'shopify', '{{"size": "Medium"}}'
            from generate_series(1, {many}) n"""
        )

    def work(self, url, done):
        import json

        connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)
        started = {"worker": "worker-1", "message": "Task started by worker-1"}
        result = json.dumps(RESULT)
        while task := connection.execute(CLAIM, started).fetchone():
            for entry in ENTRIES:
                said = {"id": task["id"], "fence": task["fence"], "message": entry}
                assert connection.execute(self.append, said).fetchone()
            ended = {"id": task["id"], "fence": task["fence"], "message": "Done", "result": result}
            assert connection.execute(FINISH, ended).fetchone()
            done()


OURS = [Taskq(), Taskq(lanes=True)]
BY_HAND = [ByHand(every_commit_durable=False), ByHand(every_commit_durable=True)]
