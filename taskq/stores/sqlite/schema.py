"""The tables, and how an older file becomes a newer one: forward only, by adding."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

VERSION = 2

TASKS = """
create table tasks (
  id text primary key,
  type text not null,
  current_status text not null default 'pending'
    check (current_status in ('pending', 'processing', 'completed', 'failed')),
  result_data text not null default '{}',
  error_message text,
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  started_at text,
  completed_at text,
  params text not null default '{}',
  plan text,
  key text unique,
  identity text,
  again integer not null default 0,  -- bought once more on purpose: no duplicate guard
  lane text,
  run_at text,  -- null: due at once, whatever becomes of the clock
  attempt integer not null default 0,
  max_attempts integer not null default 3,
  crashes integer not null default 0,  -- attempts that lost their worker
  worker text,
  lease_expires_at integer,  -- milliseconds since the boot of the worker's machine
  intent text,
  cancel_requested integer not null default 0,
  outcome text generated always as (
    case
      when current_status = 'completed' then 'succeeded'
      when current_status <> 'failed' then null
      when intent is not null then 'unknown'
      when cancel_requested then 'cancelled'
      else 'failed'
    end
  ) virtual,
  check ((current_status in ('completed', 'failed')) = (completed_at is not null)),
  check (current_status <> 'failed' or error_message is not null),
  check (current_status <> 'pending' or intent is null)
) strict
"""

WORKERS = """
create table workers (
  id text primary key,
  name text not null,
  host text not null,
  boot_id text not null,
  pid_namespace text not null,
  pid integer not null,
  pid_started text not null,
  started_at text not null,
  seen_at text not null,
  lease_expires_at integer not null,
  left_at text,
  slots integer not null,
  types text not null
) strict
"""

# What a claim looks through never holds an ended task, so a million of those cost it nothing.
INDEXES = (
    """create index tasks_ready on tasks (coalesce(run_at, created_at))
       where current_status = 'pending'""",
    "create index tasks_running on tasks (lane) where current_status = 'processing'",
    "create index tasks_intents on tasks (identity) where intent is not null",
    "create index tasks_history on tasks (type, completed_at) where current_status = 'completed'",
    "create index tasks_created on tasks (created_at)",
)

TASK_PROGRESS = """
create view task_progress (task_id, type, current_status, step, message, timestamp, seconds) as
select t.id, t.type, t.current_status, p.key + 1,
  json_extract(p.value, '$.message'), json_extract(p.value, '$.timestamp'),
  max(0, round((
    julianday(coalesce(
      json_extract(t.result_data, '$.progress[' || (p.key + 1) || '].timestamp'), t.completed_at))
    - julianday(json_extract(p.value, '$.timestamp'))) * 86400, 3))
from tasks t, json_each(t.result_data, '$.progress') p
"""


# Of the tasks that use a saved login one runs at a time; whoever uses none costs this nothing.
ACCOUNTS = (
    "alter table tasks add column account text",
    """create index tasks_accounts on tasks (account)
       where current_status = 'processing' and account is not null""",
)


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing; the caller holds the write lock."""
    from sqlite_utils import Database, Migrations

    migrations = Migrations("taskq")

    @migrations()
    def first_tables(db: Database) -> None:
        for statement in (TASKS, WORKERS, *INDEXES, TASK_PROGRESS):
            db.execute(statement)

    @migrations()
    def accounts(db: Database) -> None:
        for statement in ACCOUNTS:
            db.execute(statement)

    migrations.apply(Database(connection, execute_plugins=False))
    connection.execute(f"pragma user_version = {VERSION}")
