"""Following tasks: the only code that waits for a change."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from typing import TypeVar

from taskq.errors import StoreBusy
from taskq.models import Overview, Queue, Status, Task
from taskq.store import Hints, Store
from taskq.tasks import planned

T = TypeVar("T")
_LOOK_EVERY = 5.0
"""Seconds after which the rows are read again without a hint: a hint may get lost."""
_APART = 0.05
"""Seconds between two looks at least: many changes at once are one to whoever watches."""
_SHARE = 20
"""Between two counts of the queue go by so many times the seconds that one takes."""
_ENDED_SHOWN = 5
_LIVE_SHOWN = 500


def changes(
    store: Store, wanted: Callable[[], Collection[str]], tick: float = _LOOK_EVERY
) -> Iterator[Sequence[Task]]:
    """Yield those of the *wanted* tasks that are new or otherwise than before; for ever.

    None at all where *tick* seconds go by without a change. What is wanted is asked before every
    look.
    """
    told = -tick
    look = _Patient()
    nothing: Sequence[Task] = ()
    with closing(store.hints()) as hints:
        while True:
            looked = time.monotonic()
            changed = look(lambda: hints.changed(wanted()), nothing)
            if changed or looked >= told + tick:
                told = looked
                yield [planned(task) for task in changed]
            _changed(hints, looked, told + tick)


def follow(store: Store, ids: Collection[str], tick: float = _LOOK_EVERY) -> Iterator[Task]:
    """Yield each task as it is now and at every change, until all have ended.

    Every task that still runs comes again after *tick* seconds without a change: its clock moves
    on.
    """
    known: dict[str, Task] = {}
    for changed in changes(store, lambda: ids, tick):
        known.update((task.id, task) for task in changed)
        yield from changed or [task for task in known.values() if not task.ended]
        if all(id_ in known and known[id_].ended for id_ in ids):
            return


def follow_queue(store: Store, tick: float = 1.0) -> Iterator[Queue]:
    """Yield the queue as it is now, at every change, and every *tick* seconds; for ever."""
    ended: deque[Task] = deque(maxlen=_ENDED_SHOWN)
    before: set[str] = set()
    counted = Counted(store)
    look = _Patient()

    def seen() -> Queue:
        nonlocal before
        running, waiting = (_live(store, status) for status in (Status.PROCESSING, Status.PENDING))
        there = {task.id for task in (*running, *waiting)}
        gone = store.progress_since(dict.fromkeys(before - there, 0))
        ended.extend(planned(task) for task in gone if task.ended)
        before = there
        return Queue(running, waiting, tuple(ended), counted(), store.workers())

    queue = Queue((), (), (), {}, ())
    with closing(store.hints()) as hints:
        while True:
            looked = time.monotonic()
            queue = look(seen, queue)
            yield queue
            _changed(hints, looked, looked + tick)


def follow_overview(store: Store, apart: float, tick: float = 1.0) -> Iterator[Overview | None]:
    """Yield the queue's overview now and after its changes, *apart* seconds at least; for ever.

    None where *tick* seconds go by without a change.
    """
    counted = Counted(store)
    told = -_LOOK_EVERY
    changed = True
    with closing(store.hints()) as hints:
        while True:
            if changed or time.monotonic() >= told + _LOOK_EVERY:
                told = time.monotonic()
                yield overview(store, counted())
            else:
                yield None
            changed = hints.wait(tick)
            if changed:
                time.sleep(max(0.0, told + apart - time.monotonic()))


def overview(store: Store, counts: Mapping[str, int] | None = None) -> Overview:
    """The queue at a glance; the *counts* may be those of a moment ago."""
    running = store.list(status=Status.PROCESSING, limit=_LIVE_SHOWN)
    return Overview(store.counts() if counts is None else counts, store.workers(), running)


class Counted:
    """How many tasks there are, counted anew at most for a twentieth of the time.

    Counting goes through the whole queue: the longer it is, the rarer it is counted.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: Mapping[str, int] = {}
        self._next = 0.0

    def __call__(self) -> Mapping[str, int]:
        """The counts, as of a moment ago."""
        began = time.monotonic()
        if began >= self._next:
            self._counts = self._store.counts()
            self._next = began + _SHARE * (time.monotonic() - began)
        return self._counts


class _Patient:
    """Looks at a store that may be away for a while, once it has been there.

    What is followed goes on meanwhile: whoever stopped watching would believe that it did not.
    """

    def __init__(self) -> None:
        self._has_seen = False

    def __call__(self, look: Callable[[], T], meanwhile: T) -> T:
        try:
            found = look()
        except StoreBusy:
            if not self._has_seen:
                raise
            return meanwhile
        self._has_seen = True
        return found


def _live(store: Store, status: Status) -> list[Task]:
    return [planned(task) for task in reversed(store.list(status=status, limit=_LIVE_SHOWN))]


def _changed(hints: Hints, looked: float, until: float) -> None:
    """Wait for a change, until that moment at most, and a little after the last look at least."""
    with suppress(StoreBusy):  # the next look says so
        hints.wait(max(0.0, until - time.monotonic()))
    if (early := looked + _APART - time.monotonic()) > 0:
        time.sleep(early)
