"""The verbs of those who watch: they only read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from taskq.errors import TaskNotFound
from taskq.models import Outcome, Status, Task, Worker
from taskq.stores.verbs.engine import Engine, Row
from taskq.stores.verbs.text import dumped


class Watching:
    """See `Store`, "for those who watch"."""

    _engine: Engine

    def get(self, task_id: str) -> Task:
        """See `Store.get`."""
        if found := self._engine.read(self._engine.sql.GET, id=task_id):
            return self._engine.task(found[0])
        raise TaskNotFound(task_id)

    def find(self, prefix: str, limit: int = 10) -> Sequence[Task]:
        """See `Store.find`."""
        return self._tasks(self._engine.read(self._engine.sql.FIND, prefix=prefix, limit=limit))

    def list(  # noqa: PLR0913 - each narrows it in a way of its own
        self,
        *,
        status: Status | None = None,
        outcome: Outcome | None = None,
        task_type: str | None = None,
        identity: str | None = None,
        since: datetime | None = None,
        text: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Sequence[Task]:
        """See `Store.list`."""
        found = self._engine.read(
            self._engine.sql.LIST,
            status=status,
            outcome=outcome,
            type=task_type,
            identity=identity,
            since=self._engine.moment(since) if since else None,
            text=text,
            after=after,
            limit=limit,
        )
        return self._tasks(found)

    def every(
        self, *, task_type: str | None = None, since: datetime | None = None
    ) -> Iterator[Task]:
        """See `Store.every`."""
        values = {"type": task_type, "since": self._engine.moment(since) if since else None}
        for row in self._engine.each(self._engine.sql.EVERY, values):
            yield self._engine.task(row)

    def holder(self, account: str) -> Task | None:
        """See `Store.holder`."""
        found = self._engine.read(self._engine.sql.HOLDER, account=account)
        return self._engine.task(found[0]) if found else None

    def prunable(self, before: datetime) -> Sequence[str]:
        """See `Store.prunable`."""
        found = self._engine.read(self._engine.sql.PRUNABLE, before=self._engine.moment(before))
        return [row["id"] for row in found]

    def counts(self) -> dict[str, int]:
        """See `Store.counts`."""
        return {row["word"]: row["n"] for row in self._engine.read(self._engine.sql.COUNTS)}

    def progress_since(self, seen: Mapping[str, int]) -> Sequence[Task]:
        """See `Store.progress_since`."""
        return self._tasks(self._engine.read(self._engine.sql.PROGRESS_SINCE, seen=dumped(seen)))

    def history(self, task_type: str, limit: int = 20) -> Sequence[Task]:
        """See `Store.history`."""
        found = self._engine.read(self._engine.sql.HISTORY, type=task_type, limit=limit)
        return self._tasks(found)

    def workers(self) -> Sequence[Worker]:
        """See `Store.workers`."""
        return [self._engine.worker(row) for row in self._engine.read(self._engine.sql.WORKERS)]

    def _tasks(self, rows: Sequence[Row]) -> Sequence[Task]:
        return [self._engine.task(row) for row in rows]
