"""Hearing of changes to a file: SQLite tells nobody, so it is asked, cheaply and often."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from contextlib import suppress

from taskq.errors import StoreFailed
from taskq.models import Task
from taskq.stores.sqlite import rows
from taskq.stores.sqlite import statements as sql
from taskq.stores.sqlite.connection import Connections, Row
from taskq.stores.verbs.text import dumped

_HINT_EVERY = 0.04
"""Seconds between two looks for a change: 20 µs each, and half of it is the mean delay."""


class SqliteHints:
    """Hears of every commit of another connection by polling `data_version`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._own = connections.connect("normal")
        self._seen = self._version()
        self._known: dict[str, Row] = {}

    def wait(self, seconds: float) -> bool:
        """See `Hints.wait`."""
        until = time.monotonic() + seconds
        while (version := self._version()) == self._seen:
            if (left := until - time.monotonic()) <= 0:
                return False
            time.sleep(min(_HINT_EVERY, left))
        self._seen = version
        return True

    def changed(self, ids: Collection[str]) -> Sequence[Task]:
        """See `Hints.changed`; rows are compared as they are, and read only where they differ."""
        found = self._connections.run(self._own, sql.LOOK, ids=dumped(list(ids)))
        before, self._known = self._known, {row["id"]: row for row in found}
        changed = []
        for row in found:
            if before.get(row["id"]) != row:
                with suppress(StoreFailed), self._connections.reading():  # `get` says that it is
                    changed.append(rows.task(row))
        return changed

    def close(self) -> None:
        """See `Hints.close`."""
        self._connections.let_go(self._own)

    def _version(self) -> int:
        version: int = self._connections.run(self._own, "pragma data_version")[0][0]
        return version
