"""Making the tables, once: `taskq db init`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from taskq.errors import BadInput, NotSetUp, StoreFailed
from taskq.stores.postgres import faults
from taskq.stores.postgres.address import parse
from taskq.stores.tables import Wanted, script

_PATIENCE = 10.0
_OLDEST = 150_000
"""Before, a view shows everybody what its owner may see."""
_ALONE = "select pg_advisory_xact_lock(7444, 0)"
_MADE = "select home from taskq.migrations order by version desc limit 1"
_COLUMNS = """
select column_name as name, data_type as type, column_name = any (array(
    select attname from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]
    where indrelid = to_regclass(format('%%I.tasks', %(home)s::text))
      and indisunique and indnatts = 1)) as is_unique,
  is_nullable = 'NO' and column_default is null and is_identity = 'NO'
    and is_generated = 'NEVER' as is_demanded
from information_schema.columns where table_schema = %(home)s and table_name = 'tasks'
"""
_UNLIKE = """
select
  (select count(*) from information_schema.columns
    where table_schema = %(home)s and table_name = 'tasks'
      and (column_name, data_type) in (
        ('seq', 'bigint'), ('params', 'jsonb'), ('plan', 'jsonb'), ('key', 'text'),
        ('identity', 'text'), ('again', 'boolean'), ('lane', 'text'), ('account', 'text'),
        ('run_at', 'timestamp with time zone'), ('attempt', 'integer'),
        ('max_attempts', 'integer'), ('crashes', 'integer'), ('worker', 'text'),
        ('lease_expires_at', 'timestamp with time zone'), ('intent', 'jsonb'),
        ('cancel_requested', 'boolean'))) as columns,
  (select is_generated from information_schema.columns
    where table_schema = %(home)s and table_name = 'tasks' and column_name = 'outcome')
    as outcome,
  (select pg_get_indexdef(indexrelid) like 'CREATE UNIQUE INDEX%%(key)%%' from pg_index
    where indexrelid = to_regclass(format('%%I.tasks_key', %(home)s::text))
      and indrelid = to_regclass(format('%%I.tasks', %(home)s::text))) as key
"""
_OURS = 16
_ANOTHER_QUEUE = """
select count(*) as n from {}.tasks
where current_status is null
  or current_status not in ('pending', 'processing', 'completed', 'failed')
"""
_TEXT = {"text"}
_TIME = {"timestamp with time zone"}
_DOCUMENTED = {
    "id": _TEXT,
    "type": _TEXT,
    "current_status": _TEXT,
    "result_data": {"jsonb"},
    "error_message": _TEXT,
    "created_at": _TIME,
    "started_at": _TIME,
    "completed_at": _TIME,
}


def init(url: str, wanted: Wanted | None = None) -> bool:
    """Make what is missing, all or nothing, one after another; whether anything was there before.

    A table `tasks` that is there keeps all it has, and gets what is missing.

    Raises:
        NotSetUp: a table `tasks` is there that cannot be ours, or the database cannot be reached.
    """
    wanted = wanted or Wanted()
    script(wanted)  # refuses a name that none can have, before anything is asked
    address = parse(url, _PATIENCE)
    try:
        with psycopg.connect(
            **address.parameters, row_factory=dict_row, prepare_threshold=None
        ) as connection:
            _refuse_old_server(connection.info.server_version)
            connection.execute(_ALONE)
            home = _home(connection, wanted.home)
            columns = connection.execute(_COLUMNS, {"home": home}).fetchall()
            _refuse_another_table(home, columns)
            _refuse_another_queue(connection, home, columns)
            connection.execute(script(replace(wanted, home=home)).encode())
            _refuse_what_is_unlike(connection, home)
            return bool(columns)
    except psycopg.errors.RaiseException as error:
        raise NotSetUp(f"Nothing was made: {faults.said(error)}") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise StoreFailed(
            f"Nothing was made in {address.shown}: {faults.said(error)}. "
            "Whoever owns it may run what this prints: taskq db init --print"
        ) from error
    except psycopg.Error as error:
        if error.sqlstate is None:
            raise faults.unreachable(address.shown, error) from error
        raise StoreFailed(
            f"Nothing was made in {address.shown}: {faults.said(error)}. Look: taskq doctor"
        ) from error


def _refuse_another_queue(
    connection: psycopg.Connection[dict[str, object]],
    home: str,
    columns: Sequence[dict[str, object]],
) -> None:
    """Refuse a table whose rows say what no task of ours can say."""
    if not columns:
        return
    asked = sql.SQL(_ANOTHER_QUEUE).format(sql.Identifier(home))
    found = connection.execute(asked).fetchone()
    if found is not None and found["n"]:
        raise _another_table(home, f"{found['n']} rows have another current_status")


def _refuse_what_is_unlike(connection: psycopg.Connection[dict[str, object]], home: str) -> None:
    """Refuse what was there already under a name of ours, and is something else."""
    found = connection.execute(_UNLIKE, {"home": home}).fetchone()
    assert found is not None
    if found["columns"] != _OURS or found["outcome"] != "ALWAYS":
        raise _another_table(home, "it has columns of our names and other kinds")
    if not found["key"]:
        raise _another_table(home, "there is another index tasks_key")


def _another_table(home: str, why: str) -> NotSetUp:
    return NotSetUp(
        f"There is another table {home}.tasks: {why}. It is left as it is. "
        "Make ours beside it: taskq db init --schema taskq_jobs"
    )


def _refuse_old_server(version: int) -> None:
    if version < _OLDEST:
        raise NotSetUp(
            f"This is Postgres {version // 10_000}, and taskq needs {_OLDEST // 10_000} or newer. "
            "Name another: --db URL"
        )


def _home(connection: psycopg.Connection[dict[str, object]], wanted: str | None) -> str:
    """The schema of `tasks`: where it is, else the one that is wanted.

    Raises:
        BadInput: it is in another one.
    """
    there = connection.execute("select to_regclass('taskq.migrations') as made").fetchone()
    made = there is not None and there["made"] is not None
    found = connection.execute(_MADE).fetchone() if made else None
    home = wanted or (str(found["home"]) if found else "public")
    if found is not None and found["home"] != home:
        raise BadInput(
            f"The tables are in the schema {found['home']} already: "
            f"taskq db init --schema {found['home']}"
        )
    return home


def _refuse_another_table(home: str, columns: Sequence[dict[str, object]]) -> None:
    if not columns:
        return
    found = {str(column["name"]): str(column["type"]) for column in columns}
    unlike = [
        f"{name} is {found[name]} and not {min(kinds)}" if name in found else f"{name} is missing"
        for name, kinds in _DOCUMENTED.items()
        if found.get(name) not in kinds
    ]
    if not any(column["name"] == "id" and column["is_unique"] for column in columns):
        unlike.append("id is not unique")
    unlike += [
        f"{column['name']} must always be given"
        for column in columns
        if column["name"] not in _DOCUMENTED and column["is_demanded"]
    ]
    if unlike:
        raise _another_table(home, "; ".join(unlike))
