"""Following tasks: the only code that waits for a change."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterator, Mapping

from taskq.models import Queue, Status, Task
from taskq.store import Hints, Store
from taskq.tasks import planned

_LOOK_EVERY = 5.0
"""Seconds after which the rows are read again without a hint: a hint may get lost."""
_APART = 0.05
"""Seconds between two looks at least: many changes at once are one to whoever watches."""
_COUNT_EVERY = 2.0
"""Seconds between two counts of the whole queue: they cost more, the longer it is."""
_ENDED_SHOWN = 5
_LIVE_SHOWN = 500


def follow(store: Store, ids: Collection[str], tick: float | None = None) -> Iterator[Task]:
    """Yield each task as it is now and at every change, until all have ended.

    With *tick*, every task that still runs comes again after so many seconds without a change:
    its clock moves on.
    """
    hints = store.hints()
    known: dict[str, Task] = {}
    while True:
        looked = time.monotonic()
        for task in store.progress_since(dict.fromkeys(ids, 0)):
            if known.get(task.id) != task:
                known[task.id] = task
                yield planned(task)
        if all(id_ in known and known[id_].ended for id_ in ids):
            return
        while not _changed(hints, looked, tick or _LOOK_EVERY):
            if not tick:
                break
            yield from (planned(task) for task in known.values() if not task.ended)
            looked = time.monotonic()


def follow_queue(store: Store, tick: float = 1.0) -> Iterator[Queue]:
    """Yield the queue as it is now, at every change, and every *tick* seconds; for ever."""
    hints = store.hints()
    ended: deque[Task] = deque(maxlen=_ENDED_SHOWN)
    before: set[str] = set()
    counts: Mapping[str, int] = {}
    counted = -_COUNT_EVERY
    while True:
        looked = time.monotonic()
        running, waiting = (_live(store, status) for status in (Status.PROCESSING, Status.PENDING))
        there = {task.id for task in (*running, *waiting)}
        gone = store.progress_since(dict.fromkeys(before - there, 0))
        ended.extend(planned(task) for task in gone if task.ended)
        before = there
        if looked - counted >= _COUNT_EVERY:
            counts, counted = store.counts(), looked
        yield Queue(running, waiting, tuple(ended), counts, store.workers())
        _changed(hints, looked, tick)


def _live(store: Store, status: Status) -> list[Task]:
    return [planned(task) for task in reversed(store.list(status=status, limit=_LIVE_SHOWN))]


def _changed(hints: Hints, looked: float, seconds: float) -> bool:
    """Wait for a change, so many seconds after the last look at most and a little at least."""
    changed = hints.wait(max(0.0, looked + seconds - time.monotonic()))
    if (early := looked + _APART - time.monotonic()) > 0:
        time.sleep(early)
    return changed
