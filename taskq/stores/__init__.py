"""The places where tasks can live, and the one door to them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskq.addresses import looks_like_server
from taskq.errors import BadInput, NotSetUp
from taskq.store import Store
from taskq.stores.tables import Wanted


def open_store(url: str, *, lease_seconds: float = 60, patience: float = 10) -> Store:
    """Open the store that *url* names.

    The path of a SQLite file, made if there is none; or the address of a Postgres, whose tables
    `taskq db init` has made.

    *lease_seconds* is how long an owner may be silent; *patience* how many seconds a locked
    database is waited for.

    Raises:
        BadInput: *url* names no place taskq knows.
        NotSetUp: it cannot be opened, or a newer taskq wrote it.
    """
    if "\0" in url or not _is_nameable(url):
        raise BadInput(f"{url!a} cannot name a file. Name the database: --db PATH")
    if looks_like_server(url) and not is_postgres(url):
        raise BadInput(
            "The database is neither a file nor an address that can be read. "
            "Use: --db postgresql://USER@HOST:5432/DATABASE"
        )
    if is_postgres(url):
        return _postgres(url, lease_seconds, patience)
    if "://" in url:
        raise BadInput(
            f"{url.partition('://')[0]}:// is not a database taskq knows: "
            "--db PATH (or: postgresql://USER@HOST:5432/DATABASE)"
        )
    from taskq.stores.sqlite import SqliteStore

    return SqliteStore(Path(url).expanduser(), lease_seconds=lease_seconds, patience=patience)


def is_postgres(url: str) -> bool:
    """Whether *url* is an address of Postgres rather than a file's path."""
    return url.startswith(("postgresql://", "postgres://"))


def _postgres(url: str, lease_seconds: float, patience: float) -> Store:
    with _installed():
        from taskq.stores.postgres import PostgresStore
    return PostgresStore(url, lease_seconds=lease_seconds, patience=patience)


def make_tables(url: str, wanted: Wanted) -> bool:
    """Make the tables of a Postgres; whether a table `tasks` was there before.

    Raises:
        NotSetUp: it cannot be reached, or another table is there.
    """
    with _installed():
        from taskq.stores.postgres import making
    return making.init(url, wanted)


@contextmanager
def _installed() -> Iterator[None]:
    """Say what is to be done where Postgres' driver is not there."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in {"psycopg", "psycopg_pool"}:
            raise
        raise NotSetUp(
            "Postgres needs a package that is not installed: pip install 'taskq[postgres]'"
        ) from None


def _is_nameable(path: str) -> bool:
    """Whether a file can be called so: half a character has no bytes."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True
