"""A quick look at a file by a shell that completes a word: it makes, changes and says nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

_PATIENCE = 0.2
"""Seconds: who waits for a completion waits for no lock."""

_NEWEST = """
select id, type, coalesce(outcome, current_status) from tasks
where substr(id, 1, length(?)) = ? order by created_at desc, rowid desc limit 50
"""
_TYPES = """
select distinct type from (select type from tasks order by created_at desc limit 1000) order by 1
"""


def newest(path: Path, prefix: str) -> Sequence[tuple[str, ...]]:
    """Id, type and state of the newest tasks whose id begins with *prefix*."""
    return _look(path, _NEWEST, prefix, prefix)


def types(path: Path) -> Sequence[str]:
    """The types of the newest tasks."""
    return [name for (name,) in _look(path, _TYPES)]


def _look(path: Path, statement: str, *values: str) -> list[tuple[str, ...]]:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=_PATIENCE)) as connection:
            return connection.execute(statement, values).fetchall()
    except (sqlite3.Error, ValueError):
        return []
