"""A person's own query: read, never written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.rows import tuple_row
from psycopg.types.string import TextLoader

from taskq.errors import BadInput
from taskq.models import Answer
from taskq.stores.postgres import faults
from taskq.stores.postgres.connection import Connections

_SEE = 'See what there is: taskq sql "select * from task_progress limit 5"'
_ROLLED_BACK = "set transaction read only"


def answer(connections: Connections, statement: str) -> Answer:
    """What *statement* says, in a transaction that cannot write and is undone.

    A cursor is declared for it, which takes one statement that gives rows, and no other.

    Raises:
        BadInput: it is no query, or would write.
    """
    if "\0" in statement:
        raise _wrong("it holds a NUL")
    with (
        connections.lent(time.monotonic() + connections.patience) as connection,
        connection.without_haste(),
        _faults(connections.address.shown),
        connection.transaction(force_rollback=True),
    ):
        connection.execute(_ROLLED_BACK)
        connection.execute(
            sql.SQL("set local search_path = {}, public").format(sql.Identifier(connections.home))
        )
        with connection.cursor(name="asked", row_factory=tuple_row) as cursor:
            for kind in ("json", "jsonb"):
                cursor.adapters.register_loader(kind, TextLoader)
            cursor.execute(statement)  # theirs, and read-only
            found = cursor.fetchall()
            columns = tuple(column.name for column in cursor.description or ())
    return Answer(columns, [tuple(map(_plain, row)) for row in found])


def _plain(value: Any) -> Any:
    """A value as any database gives it: a number, text, bytes or None."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if value is None or isinstance(value, str | int | float | bytes):
        return value
    return str(value)


@contextmanager
def _faults(shown: str) -> Iterator[None]:
    """Say what is wrong with the query; what is wrong with the database is said as everywhere."""
    try:
        yield
    except (errors.InsufficientPrivilege, errors.UndefinedTable, errors.UndefinedColumn) as error:
        raise _wrong(faults.said(error)) from error
    except UnicodeEncodeError as error:
        raise _wrong(str(error)) from error
    except psycopg.OperationalError as error:
        raise faults.explained(shown, error) from error
    except psycopg.Error as error:
        raise _wrong(faults.said(error)) from error


def _wrong(why: str) -> BadInput:
    return BadInput(f"The query cannot be answered (it may only read): {why.rstrip('.')}. {_SEE}")
