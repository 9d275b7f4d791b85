"""Following tasks: the only code that waits for a change."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator

from taskq.models import Task
from taskq.store import Store
from taskq.tasks import planned

_LOOK_EVERY = 5.0
"""Seconds after which the rows are read again without a hint: a hint may get lost."""


def follow(store: Store, ids: Collection[str], tick: float | None = None) -> Iterator[Task]:
    """Yield each task as it is now and at every change, until all have ended.

    With *tick*, every task that still runs comes again after so many seconds without a change:
    its clock moves on.
    """
    hints = store.hints()
    known: dict[str, Task] = {}
    while True:
        for task in store.progress_since(dict.fromkeys(ids, 0)):
            if known.get(task.id) != task:
                known[task.id] = task
                yield planned(task)
        if all(id_ in known and known[id_].ended for id_ in ids):
            return
        until = time.monotonic() + (tick or _LOOK_EVERY)
        while not hints.wait(max(0.0, until - time.monotonic())):
            yield from (planned(task) for task in known.values() if tick and not task.ended)
            until = time.monotonic() + (tick or _LOOK_EVERY)
            if not tick:
                break
