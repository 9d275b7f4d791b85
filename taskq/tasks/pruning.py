"""Letting go of what has long ended: rows, and the folders that belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from taskq.artifacts import Folder
from taskq.errors import NotSetUp
from taskq.store import Store

_AT_ONCE = 100
"""Tasks of one transaction: workers wait for no more than these and their folders."""


@dataclass(frozen=True)
class Freed:
    """How many tasks went, and how many bytes of files."""

    tasks: int
    bytes: int


def prune(store: Store, before: datetime, data_dir: Path) -> Freed:
    """Delete every task that ended before a moment and is known, with its folder.

    Raises:
        NotSetUp: a folder cannot be deleted; what had been deleted until then is gone.
    """
    tasks = size = 0
    folder = Folder(data_dir, "none")

    def forget(task_id: str) -> None:
        nonlocal folder, size
        folder = Folder(data_dir, task_id)
        size += folder.size()
        folder.forget()

    try:
        ids = store.prunable(before)
        for first in range(0, len(ids), _AT_ONCE):
            tasks += len(store.prune(ids[first : first + _AT_ONCE], before, forget))
    except OSError as error:
        raise NotSetUp(
            f"{folder.path} cannot be deleted: {error.strerror or error}. {tasks} tasks are gone; "
            f"look at it, and go on: ls -la {folder.path}"
        ) from error
    return Freed(tasks, size)
