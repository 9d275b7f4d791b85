"""The verbs by which workers come, are alive, and go."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from taskq.errors import WrongMoment
from taskq.ids import token
from taskq.models import Beat, Task, Worker
from taskq.process import Process, hostname
from taskq.stores.verbs.engine import Row, nothing
from taskq.stores.verbs.text import dumped
from taskq.stores.verbs.watching import Watching


class Staffing(Watching):
    """See `Store`, "for workers": `enlist`, `leave`, `beat`."""

    def enlist(
        self, process: Process, number: int | None, slots: int, types: Sequence[str]
    ) -> Worker:
        """See `Store.enlist`."""
        self._engine.check_sound()
        mark = token(6)

        def write() -> Worker:
            with self._engine.transaction():
                name = self._free_name(number)
                (row,) = self._engine.durably(
                    self._engine.sql.ENLIST,
                    id=f"{name}.{mark}",
                    name=name,
                    slots=slots,
                    types=dumped(types),
                    **vars(process),
                )
            return self._engine.worker(row)

        def landed() -> Worker | None:
            return next((w for w in self.workers() if w.id.endswith(f".{mark}")), None)

        return self._engine.surely(write, landed)

    def leave(self, worker_id: str) -> None:
        """See `Store.leave`."""

        def write() -> None:
            with self._engine.transaction():
                self._engine.durably(self._engine.sql.LEAVE, worker=worker_id)
                self._engine.durably(self._engine.sql.VOID, worker=worker_id)

        self._engine.surely(write, nothing)

    def beat(self, worker: Worker, tasks: Collection[Task]) -> Beat:
        """See `Store.beat`."""
        pairs = dumped([(task.id, task.attempt) for task in tasks])

        def write() -> Sequence[Row]:
            self._engine.quickly(self._engine.sql.SEEN, worker=worker.id)
            if not tasks:
                return []
            return self._engine.quickly(self._engine.sql.BEAT, worker=worker.id, tasks=pairs)

        renewed = self._engine.surely(write, nothing)
        return Beat(
            lost=frozenset(task.id for task in tasks) - {row["id"] for row in renewed},
            cancelled=frozenset(row["id"] for row in renewed if row["cancel_requested"]),
        )

    def _free_name(self, number: int | None) -> str:
        living = {worker.name: worker for worker in self.workers() if worker.alive}
        free = next(n for n in range(1, len(living) + 2) if f"worker-{n}" not in living)
        name = f"worker-{number or free}"
        if name in living:
            there = living[name].process
            where = "" if there.host == hostname() else f" on {there.host}"
            raise WrongMoment(
                f"{name} is already running (pid {there.pid}{where}): taskq work --id {free}"
            )
        return name
