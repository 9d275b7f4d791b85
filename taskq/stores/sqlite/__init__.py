"""Tasks in one SQLite file, shared by any number of processes of one machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from taskq.models import Answer
from taskq.stores.sqlite import query, schema
from taskq.stores.sqlite.connection import Connections
from taskq.stores.sqlite.engine import SqliteEngine
from taskq.stores.sqlite.hints import SqliteHints
from taskq.stores.verbs import Verbs


class SqliteStore(Verbs):
    """The store of one file; see `Store`."""

    def __init__(self, path: Path, *, lease_seconds: float = 60, patience: float = 10) -> None:
        self._connections = Connections(path, patience)
        super().__init__(SqliteEngine(self._connections, lease_seconds))

    def query(self, statement: str) -> Answer:
        """See `Store.query`."""
        return query.answer(self._connections, statement)

    def examine(self) -> Mapping[str, str]:
        """See `Store.examine`."""
        self._connections.check_sound()
        with self._engine.transaction():
            self._connections.check_version()  # and the write lock could be had
        mode = self._engine.read("pragma journal_mode")[0][0]
        return {"journal": str(mode), "schema": str(schema.VERSION), "checked": "sound"}

    def hints(self) -> SqliteHints:
        """See `Store.hints`."""
        return SqliteHints(self._connections)

    def close(self) -> None:
        """See `Store.close`."""
        self._connections.close()
