"""Ends that could not be written: kept in files beside the database, delivered later.

A full disk must not turn a paid order into a question. One small file for each end, written whole
or not at all; delivering it twice, or by two workers at once, does no harm, as a repeated
identical end changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from taskq.errors import LeaseLost, TaskNotFound
from taskq.files import write_whole
from taskq.models import Ending, Status, Task
from taskq.store import Store


class Outbox:
    """The folder of ends that wait."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, task: Task, ending: Ending) -> Path:
        """Keep how *task* ended; the file it is in.

        Raises:
            OSError: there is no room for that either.
        """
        kept = {"id": task.id, "attempt": task.attempt, "ending": asdict(ending)}
        name = f"{task.id}.{task.attempt}.json"
        return write_whole(self._folder, name, json.dumps(kept).encode())

    def deliver(self, store: Store) -> list[Task]:
        """Write what waits, and forget what is written or no longer ours to say.

        What is said of a task that is not there stays: it may be another database's.

        Raises:
            StoreFailed: it still cannot be written.
        """
        delivered = []
        for file, (task_id, attempt, ending) in self._waiting():
            with suppress(TaskNotFound):
                task = replace(store.get(task_id), attempt=attempt)
                with suppress(LeaseLost):
                    delivered.append(store.end(task, ending))
                file.unlink(missing_ok=True)
        return delivered

    def _waiting(self) -> Iterator[tuple[Path, tuple[str, int, Ending]]]:
        for file in sorted(self._folder.glob("*.json")):
            try:
                kept = json.loads(file.read_bytes())
                ending = Ending(**{**kept["ending"], "status": Status(kept["ending"]["status"])})
                yield file, (str(kept["id"]), int(kept["attempt"]), ending)
            except FileNotFoundError:
                continue  # another worker was quicker
            except (ValueError, KeyError, TypeError):
                file.rename(file.with_suffix(".unreadable"))  # not ours: left for a person
