"""How long an attempt may still act, by its own reckoning: never longer than others believe."""

from __future__ import annotations

from taskq.process import boot_ms


class Lease:
    """A lease as its holder counts it: from *before* each write that renewed it.

    The write itself may have been waited for, and whoever was frozen in between cannot know for
    how long; so what remains here is never more than what the store grants.
    """

    def __init__(self, seconds: float, asked_ms: int) -> None:
        self._seconds = seconds
        self._asked_ms = asked_ms

    def renewed(self, asked_ms: int) -> None:
        """A write that was begun at *asked_ms* has renewed it."""
        self._asked_ms = max(self._asked_ms, asked_ms)

    def holds(self) -> bool:
        """Whether nobody else can own the task yet."""
        return self._left() > 0

    def is_short(self) -> bool:
        """Whether less than a third remains: time to stop, before others take the task."""
        return self._left() < self._seconds / 3

    def _left(self) -> float:
        return self._seconds - (boot_ms() - self._asked_ms) / 1000
