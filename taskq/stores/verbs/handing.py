"""The verbs that hand a task to a worker, or take it from one that is gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from taskq.models import STARTED, Task, Worker
from taskq.stores.verbs.engine import Row, nothing
from taskq.stores.verbs.text import dumped
from taskq.stores.verbs.watching import Watching


class Handing(Watching):
    """See `Store`, "for workers": `claim`, `reap`, `take`."""

    def __init__(self) -> None:
        self._handed: dict[str, tuple[int, int]] = {}
        """Of each task that was handed out: its attempt, and how many entries we know of."""

    def claim(
        self,
        worker: Worker,
        usual: Mapping[str, Sequence[float]],
        *,
        per_lane: int = 1,
        only: str | None = None,
    ) -> Task | None:
        """See `Store.claim`."""

        def write() -> Sequence[Row]:
            return self._engine.quickly(
                self._engine.sql.CLAIM,
                worker=worker.id,
                message=STARTED + worker.name,
                usual=dumped(usual),
                per_lane=per_lane,
                only=only,
            )

        if claimed := self._engine.surely(write, lambda: self._unknown_to_us(worker)):
            return self._hand_out(claimed[0])
        self._engine.check_version()
        return None

    def reap(self) -> Sequence[Task]:
        """See `Store.reap`.

        Where an answer is lost, what it released is not told: it is in the rows all the same.
        """
        lost = self._engine.surely(
            lambda: self._engine.durably(
                self._engine.sql.REAP, id=None, attempt=None, reason="Worker crashed", free=False
            ),
            nothing,
        )
        return [self._engine.task(row) for row in lost]

    def take(
        self,
        worker: Worker,
        types: Collection[str],
        *,
        window: float = 600,
        only: str | None = None,
    ) -> Task | None:
        """See `Store.take`."""

        def write() -> Sequence[Row]:
            return self._engine.durably(
                self._engine.sql.TAKE,
                worker=worker.id,
                types=dumped(sorted(types)),
                host=worker.process.host,
                only=only,
                window_ms=int(window * 1000),
            )

        taken = self._engine.surely(write, lambda: self._unknown_to_us(worker))
        return self._hand_out(taken[0]) if taken else None

    def _hand_out(self, row: Row) -> Task:
        task = self._engine.task(row)
        self._handed[task.id] = (task.attempt, len(task.progress))
        return task

    def _unknown_to_us(self, worker: Worker) -> Sequence[Row] | None:
        """What *worker* owns and was never handed out here: its answer was lost."""
        held = self._engine.read(self._engine.sql.HELD, worker=worker.id)
        known = {task_id: attempt for task_id, (attempt, _) in self._handed.items()}
        return [row for row in held if known.get(row["id"]) != row["attempt"]] or None
