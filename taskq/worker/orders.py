"""What a worker is told, and whom it tells."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from taskq.models import Task, Worker


@dataclass(frozen=True)
class Orders:
    """How a worker shall work.

    *number* names it (None: the lowest free one); *once* leaves after one task, *drain* when
    nothing is left to do; *only* works this one task, and leaves at its end.
    """

    number: int | None = None
    concurrency: int = 1
    per_lane: int = 1
    once: bool = False
    drain: bool = False
    only: str | None = None


@dataclass
class Told:
    """Who hears of what happens.

    That the worker is there (*started*) and warm (*ready*), of each task taken and let go, of
    each entry, and what a person should know (*notice*).
    """

    started: Callable[[Worker], None] = field(default=lambda _: None)
    ready: Callable[[], None] = field(default=lambda: None)
    task: Callable[[Task], None] = field(default=lambda _: None)
    entry: Callable[[Task, str], None] = field(default=lambda _task, _message: None)
    notice: Callable[[str], None] = field(default=lambda _: None)

    def unfailing(self) -> Told:
        """The same, deaf where nobody listens any more: a closed pipe decides nothing here."""

        def guarded(call: Callable[..., None]) -> Callable[..., None]:
            def tell(*news: Any) -> None:
                with suppress(OSError, ValueError):  # what a closed stream raises
                    call(*news)

            return tell

        return Told(**{name: guarded(call) for name, call in vars(self).items()})
