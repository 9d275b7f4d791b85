"""A person's own query: read, never written, and with Postgres' JSON words understood.

The documented queries run here as they stand. SQLite before 3.47 answers `-> -1` with null, without
a word, so the arrows are ours; and as it has no function that returns rows, a documented list of
progress updates is rewritten, that one shape and no other.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from taskq.errors import BadInput
from taskq.models import Answer
from taskq.stores.sqlite.connection import Connections, code_of

_ELEMENTS = re.compile(
    r"\s*select\s+(?P<columns>\w+(?:\s*,\s*\w+)*)\s*,\s*"
    r"jsonb_array_elements\(\s*result_data\s*->\s*'progress'\s*\)\s+(?:as\s+)?(?P<name>\w+)\s+"
    r"from\s+tasks\b(?P<rest>[^;]*);?\s*",
    re.IGNORECASE,
)
_FAULTS_OF_THE_QUERY = {
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_CONSTRAINT,
}
_SEE = 'See what there is: taskq sql "select sql from sqlite_schema"'
_DESCRIBING = {"table_info", "table_xinfo", "table_list", "index_list", "index_info"}
_INTERRUPT_EVERY = 10_000
"""Steps of SQLite's machine between two chances for Ctrl-C."""


def answer(connections: Connections, statement: str) -> Answer:
    """What *statement* says, on a connection that cannot write.

    Raises:
        BadInput: it is no query, or would write.
        KeyboardInterrupt: whoever asked has lost patience.
    """
    uri = f"{connections.path.absolute().as_uri()}?mode=ro"
    with (
        connections.saying(),
        closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)) as connection,
    ):
        connection.execute("pragma query_only = on")
        _understand_postgres(connection)
        connection.set_authorizer(_allow)
        connection.set_progress_handler(lambda: 0, _INTERRUPT_EVERY)
        with _faults():
            cursor = connection.execute(rewritten(statement))
            rows = cursor.fetchall()
    if cursor.description is None:
        raise _wrong("it asks for nothing")
    return Answer(tuple(column[0] for column in cursor.description), rows)


def rewritten(statement: str) -> str:
    """*statement*, with the documented list of all progress updates as SQLite can say it."""
    found = _ELEMENTS.fullmatch(statement)
    if found is None:
        return statement
    columns = ", ".join(f"task.{name.strip()}" for name in found["columns"].split(","))
    # What follows stays inside, where a bare `id` is the task's and not the entry's.
    return (
        f"select {columns}, entry.value as {found['name']} "  # noqa: S608 - theirs, and read-only
        f"from (select * from tasks{found['rest']}) task, "
        "json_each(task.result_data, '$.progress') entry"
    )


def arrow(text: str | None, key: Any) -> str | None:
    """`->`: what is at *key* as JSON; a list is counted from its end by a negative number."""
    found = _at(text, key)
    return None if found is _NOTHING else json.dumps(found, ensure_ascii=False)


def double_arrow(text: str | None, key: Any) -> Any:
    """`->>`: what is at *key* as a value of SQL."""
    found = _at(text, key)
    if found is _NOTHING or not isinstance(found, dict | list):
        return None if found is _NOTHING else found
    return json.dumps(found, ensure_ascii=False)


def array_length(text: str | None) -> int | None:
    """`jsonb_array_length`."""
    return None if text is None else len(json.loads(text))


_NOTHING = object()


def _at(text: str | None, key: Any) -> Any:
    if text is None or key is None:
        return _NOTHING
    found = json.loads(text)
    for part in _path(key) if isinstance(key, str) else [key]:
        fits = isinstance(found, dict) if isinstance(part, str) else isinstance(found, list)
        try:
            found = found[part] if fits else _NOTHING
        except (KeyError, IndexError):
            found = _NOTHING
    return found


def _path(key: str) -> list[str | int]:
    """The steps of SQLite's `$.progress[0].message`; any other text is one key as it stands."""
    if not re.fullmatch(r"\$(?:\.\w+|\[\d+\])*", key):
        return [key]
    return [name or int(number) for name, number in re.findall(r"\.(\w+)|\[(\d+)\]", key)]


def _understand_postgres(connection: sqlite3.Connection) -> None:
    connection.create_function("->", 2, arrow, deterministic=True)
    connection.create_function("->>", 2, double_arrow, deterministic=True)
    connection.create_function("jsonb_array_length", 1, array_length, deterministic=True)


def _allow(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Refuse what would reach beyond this file, or change what was set for this connection."""
    if action in {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_TRANSACTION}:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and second is not None and first not in _DESCRIBING:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


@contextmanager
def _faults() -> Iterator[None]:
    """Say what is wrong with the query; what is wrong with the file is said by others."""
    try:
        yield
    except (sqlite3.Warning, sqlite3.ProgrammingError, sqlite3.DataError) as error:
        raise _wrong(str(error)) from error
    except sqlite3.Error as error:
        if code_of(error) == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from None
        if code_of(error) in _FAULTS_OF_THE_QUERY:
            raise _wrong(str(error)) from error
        raise
    except UnicodeDecodeError:
        raise
    except ValueError as error:  # a NUL, or half a character
        raise _wrong(str(error)) from error


def _wrong(why: str) -> BadInput:
    return BadInput(f"The query cannot be answered (it may only read): {why.rstrip('.')}. {_SEE}")
