"""The tasks a worker has in its hands, and what makes it let go of one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from taskq.errors import StoreBusy, StoreFailed
from taskq.lease import Lease
from taskq.models import Beat, Task
from taskq.registry import Handler
from taskq.worker.attempt import Attempt, Stop, Workplace

_ENTRIES_UNREAD = 1_000_000


class Hands:
    """The attempts under way; *ended* is called whenever one of them is over.

    *fault* is why the last word of one could not be written.
    """

    def __init__(
        self, place: Workplace, handlers: Mapping[str, Handler[Any]], ended: Callable[[], None]
    ) -> None:
        self._place = place
        self._handlers = handlers
        self._ended = ended
        self._attempts: dict[str, Attempt] = {}
        self.fault: StoreFailed | None = None

    def __len__(self) -> int:
        return len(self._attempts)

    def begin(self, task: Task, asked_ms: int) -> None:
        """Start an attempt at a task that was claimed or taken; it was asked for at *asked_ms*."""
        lease = Lease(self._place.settings.lease_seconds, asked_ms)
        attempt = Attempt(self._place, self._handlers[task.type], task, lease)
        self._attempts[task.id] = attempt
        attempt.finished.add_done_callback(lambda _: self._ended())

    def collect(self) -> list[str]:
        """Let go of what is over; the types of it.

        A store that stayed locked is no fault: the lease of that task runs out.
        """
        over = [attempt for attempt in self._attempts.values() if attempt.finished.done()]
        for attempt in over:
            del self._attempts[attempt.task.id]
        for attempt in over:
            try:
                attempt.finished.result()
            except StoreBusy:
                continue
            except StoreFailed as error:
                self.fault = error
        return [attempt.task.type for attempt in over]

    async def heed_cancels(self) -> None:
        """Stop what somebody asked to stop; while a payment is under way the store refused it."""
        if not self._attempts:
            return
        seen = dict.fromkeys(self._attempts, _ENTRIES_UNREAD)
        store = self._place.store
        for task in await self._place.ask(lambda: store.progress_since(seen)):
            attempt = self._attempts.get(task.id)
            if attempt and task.cancel_requested and not attempt.intends:
                attempt.stop(Stop.CANCELLED)

    def give_back(self) -> list[Task]:
        """Stop what has no payment under way; the tasks that have one."""
        for attempt in self._attempts.values():
            if attempt.verifies or not attempt.intends:
                attempt.stop(Stop.DRAIN)
        return [attempt.task for attempt in self._attempts.values() if attempt.stopped is None]

    async def drop(self) -> None:
        """Stop everything at once, without another word: the leases run out or are given up."""
        for attempt in self._attempts.values():
            attempt.stop(Stop.DROPPED)
        for attempt in self._attempts.values():
            await attempt.gone()
        self.collect()

    def living(self) -> Sequence[Task]:
        """The tasks whose leases are to be renewed; asked by the heartbeat's thread."""
        return [attempt.task for attempt in list(self._attempts.values()) if not attempt.is_stuck()]

    def heed_beat(self, beat: Beat, asked: Collection[Task], asked_ms: int) -> None:
        """Note what a beat for *asked*, begun at *asked_ms*, renewed; let go of what is lost."""
        for task in asked:
            attempt = self._attempts.get(task.id)
            if attempt is None or attempt.task.attempt != task.attempt:
                continue
            if task.id in beat.lost:
                attempt.stop(Stop.LOST)
            else:
                attempt.lease.renewed(asked_ms)
                if task.id in beat.cancelled and not attempt.intends:
                    attempt.stop(Stop.CANCELLED)

    async def mind(self) -> None:
        """Stop what is stuck, and what others may soon take should no beat get through."""
        while True:
            await asyncio.sleep(self._place.settings.lease_seconds / 12)
            for attempt in self._attempts.values():
                if attempt.is_stuck():
                    attempt.stop(Stop.STUCK)
                elif attempt.lease.is_short():
                    attempt.stop(Stop.LOST)
