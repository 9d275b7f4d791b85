"""Which tasks have changed, for whoever hears that something has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress

from taskq.models import Task
from taskq.stores.postgres import rows
from taskq.stores.postgres.connection import Connections
from taskq.stores.postgres.ears import Ears
from taskq.stores.postgres.statements import PostgresStatements
from taskq.stores.verbs.text import dumped


class PostgresHints:
    """Hears of changes through an ear; what has changed is read from the rows."""

    def __init__(self, connections: Connections, sql: PostgresStatements, ears: Ears) -> None:
        self._connections = connections
        self._sql = sql
        self._ears = ears
        self._ear = ears.one_more()
        self._known: dict[str, tuple[str, Task]] = {}

    def wait(self, seconds: float) -> bool:
        """See `Hints.wait`."""
        return self._ear.wait(seconds)

    def changed(self, ids: Collection[str]) -> Sequence[Task]:
        """See `Hints.changed`; a row is read where its version is another."""
        found = self._connections.read(self._sql.VERSIONS, {"ids": dumped(list(ids))})
        before, self._known = self._known, {}
        anew = []
        for row in found:
            known = before.get(row["id"])
            if known and known[0] == row["version"]:
                self._known[row["id"]] = known
            else:
                anew.append(row["id"])
        return [task for task in self._read(anew) if _is_news(before.get(task.id), task)]

    def close(self) -> None:
        """See `Hints.close`."""
        self._ears.let_go(self._ear)

    def _read(self, ids: Sequence[str]) -> Sequence[Task]:
        if not ids:
            return []
        tasks = []
        for row in self._connections.read(self._sql.LOOK, {"ids": dumped(ids)}):
            with suppress(ValueError, KeyError, TypeError):  # damaged: `get` says that it is
                task = rows.task(row)
                self._known[task.id] = (row["version"], task)
                tasks.append(task)
        return tasks


def _is_news(known: tuple[str, Task] | None, task: Task) -> bool:
    """Whether a task is otherwise than it was: a renewed lease is no part of it."""
    return known is None or known[1] != task
