"""The tasks a worker has in its hands, and what makes it let go of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from taskq.models import Beat, Task
from taskq.process import boot_ms
from taskq.registry import Handler
from taskq.worker.attempt import Attempt, Stop, Workplace

_ENTRIES_UNREAD = 1_000_000


class Hands:
    """The attempts under way; *ended* is called whenever one of them is over."""

    def __init__(
        self, place: Workplace, handlers: Mapping[str, Handler[Any]], ended: Callable[[], None]
    ) -> None:
        self._place = place
        self._handlers = handlers
        self._ended = ended
        self._attempts: dict[str, Attempt] = {}

    def __len__(self) -> int:
        return len(self._attempts)

    def begin(self, task: Task) -> None:
        """Start an attempt at a task that was claimed or taken."""
        attempt = Attempt(self._place, self._handlers[task.type], task)
        self._attempts[task.id] = attempt
        attempt.finished.add_done_callback(lambda _: self._ended())

    def collect(self) -> list[str]:
        """Let go of what is over, and stop what is stuck; the types of what is over."""
        over = [attempt for attempt in self._attempts.values() if attempt.finished.done()]
        for attempt in over:
            del self._attempts[attempt.task.id]
        for attempt in self._attempts.values():
            if attempt.is_stuck():
                attempt.stop(Stop.STUCK)
        for attempt in over:
            attempt.finished.result()
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
            attempt.stop(Stop.LOST)
        for attempt in self._attempts.values():
            await attempt.gone()

    def living(self) -> Sequence[Task]:
        """The tasks whose leases are to be renewed; asked by the heartbeat's thread."""
        return [attempt.task for attempt in list(self._attempts.values()) if not attempt.is_stuck()]

    def heed_beat(self, beat: Beat | None) -> None:
        """Let go of what the beat says is lost, or what no beat could renew for too long."""
        for task_id, attempt in self._attempts.items():
            if beat is not None and task_id not in beat.lost:
                attempt.leased_ms = boot_ms()
            elif beat is not None or self._lease_is_short(attempt):
                attempt.stop(Stop.LOST)

    def _lease_is_short(self, attempt: Attempt) -> bool:
        """Whether less than a third of the lease remains: others may soon take the task."""
        since = (boot_ms() - max(attempt.leased_ms, attempt.signed_ms)) / 1000
        return since > self._place.settings.lease_seconds * 2 / 3
