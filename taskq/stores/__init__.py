"""The places where tasks can live, and the one door to them."""

from __future__ import annotations

import os
from pathlib import Path

from taskq.errors import BadInput
from taskq.store import Store


def open_store(url: str, *, lease_seconds: float = 60, patience: float = 10) -> Store:
    """Open the store that *url* names: the path of a SQLite file, made if there is none.

    *lease_seconds* is how long an owner may be silent; *patience* how many seconds a locked
    database is waited for.

    Raises:
        BadInput: *url* names no place taskq knows.
        NotSetUp: it cannot be opened, or a newer taskq wrote it.
    """
    if "\0" in url or not _is_nameable(url):
        raise BadInput(f"{url!a} cannot name a file. Name the database: --db PATH")
    if "://" in url:
        raise BadInput(f"{url.partition('://')[0]}:// is not a database taskq knows: --db PATH")
    from taskq.stores.sqlite import SqliteStore

    return SqliteStore(Path(url).expanduser(), lease_seconds=lease_seconds, patience=patience)


def _is_nameable(path: str) -> bool:
    """Whether a file can be called so: half a character has no bytes."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True
