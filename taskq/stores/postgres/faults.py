"""What Postgres complains of, in a sentence with the next command to type."""

from __future__ import annotations

import re
from typing import Any

import psycopg
from psycopg import errors

from taskq.errors import NotSetUp, StoreBusy, StoreFailed, TaskqError

_FOR_GOOD = re.compile(
    r"password authentication failed|no password supplied|does not exist|no pg_hba\.conf entry|"
    r"could not translate host name|failed to resolve host (?!.*Temporary)|"
    r"Tenant or user not found|does not support SSL|certificate|permission denied",
    re.IGNORECASE,
)
_AGAIN = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.QueryCanceled,  # by a timeout of the server's
)
_LOST = re.compile(r"08|57P0[1235]")
_NO_ROUTE = re.compile(r"Network is unreachable|Cannot assign requested address", re.IGNORECASE)


def is_for_good(error: psycopg.Error) -> bool:
    """Whether it is no use to connect again."""
    return _FOR_GOOD.search(str(error)) is not None


def may_be_tried_again(error: psycopg.Error) -> bool:
    """Whether the server has undone the statement, and it may be done anew."""
    return isinstance(error, _AGAIN)


def is_loss(error: psycopg.Error, connection: psycopg.Connection[Any]) -> bool:
    """Whether the connection is gone, and with it the answer."""
    is_known = _LOST.match(error.sqlstate or "") is not None
    return connection.closed or is_known


def unreachable(shown: str, error: psycopg.Error) -> StoreBusy:
    """What is said where no connection could be had."""
    reason = said(error)
    if _NO_ROUTE.search(reason) and "supabase" in shown:
        return StoreBusy(
            f"The database {shown} cannot be reached over IPv4. Use the address of the session "
            "pooler: --db postgresql://USER@REGION.pooler.supabase.com:5432/postgres"
        )
    return StoreBusy(f"The database {shown} cannot be reached: {reason}. Look again: taskq doctor")


def explained(shown: str, error: psycopg.Error) -> TaskqError:
    """What is wrong with the database."""
    if may_be_tried_again(error):
        return StoreBusy(
            f"The database {shown} is busy for too long: {said(error)}. Try again: taskq doctor"
        )
    if isinstance(error, errors.UndefinedTable | errors.InvalidSchemaName):
        return not_made(shown)
    if isinstance(error, errors.UndefinedFunction | errors.UndefinedColumn):
        return outdated(shown)
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return StoreFailed(
            f"The database {shown} can only be read: it is a copy, or its disk is full. "
            "Name another: --db URL"
        )
    if isinstance(error, errors.InsufficientPrivilege):
        return StoreFailed(
            f"The database {shown} may not be used so: {said(error)}. "
            "Use the role that made them, or let this one in: taskq db init --grant ROLE"
        )
    return StoreFailed(f"The database {shown} reports: {said(error)}. Look: taskq doctor")


def not_made(shown: str) -> NotSetUp:
    """What is said of a database without our tables."""
    return NotSetUp(f"The database {shown} has no tables of taskq. Make them: taskq db init")


def hidden(shown: str) -> NotSetUp:
    """What is said of tables of which this role sees nothing."""
    return NotSetUp(
        f"The tables of the database {shown} show nothing to this role: row level security. "
        "Use the role that made them, or let this one in: taskq db init --grant ROLE"
    )


def check_formats(shown: str, dates: str, encoding: str) -> None:
    """Refuse a database whose dates or letters we would misread.

    Raises:
        NotSetUp: it is one.
    """
    if not dates.startswith("ISO"):
        raise NotSetUp(
            f"The database {shown} writes dates as {dates}, which cannot be read. "
            "Change it: alter database … set datestyle = 'ISO'"
        )
    if encoding != "UTF8":
        raise NotSetUp(
            f"The database {shown} keeps its letters in {encoding}, which has not all of them. "
            "Use one in UTF8: --db URL"
        )


def outdated(shown: str) -> StoreFailed:
    """What is said of tables that an older taskq made."""
    return StoreFailed(
        f"The tables of the database {shown} are not as this taskq makes them. "
        "Make what is missing: taskq db init"
    )


def said(error: psycopg.Error) -> str:
    """The server's own word, on one line."""
    text = error.diag.message_primary or str(error).strip().splitlines()[0]
    return text.rpartition("failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")
