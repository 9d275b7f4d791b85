"""The heartbeat: a thread with its own connection, so a busy event loop loses no lease."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from contextlib import ExitStack, closing, suppress

from taskq.errors import StoreFailed
from taskq.models import Beat, Task, Worker
from taskq.process import boot_ms
from taskq.settings import Settings
from taskq.store import Store
from taskq.stores import open_store


class Heart(threading.Thread):
    """Beats every quarter of a lease for the tasks that *living* names.

    *told* gets each answer, for which tasks it was asked, and when.
    """

    def __init__(
        self,
        worker: Worker,
        settings: Settings,
        living: Callable[[], Collection[Task]],
        told: Callable[[Beat, Collection[Task], int], None],
    ) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._worker = worker
        self._settings = settings
        self._living = living
        self._told = told
        self._stopped = threading.Event()

    def run(self) -> None:
        """Beat until stopped; a beat that cannot be written tells nothing, and leases run out."""
        lease = self._settings.lease_seconds
        with ExitStack() as opened:
            store: Store | None = None
            while not self._stopped.wait(lease / 4):
                with suppress(StoreFailed):
                    store = store or opened.enter_context(closing(self._open(lease)))
                    asked_ms, tasks = boot_ms(), self._living()
                    self._told(store.beat(self._worker, tasks), tasks, asked_ms)

    def _open(self, lease: float) -> Store:
        patience = min(10.0, lease / 6)
        return open_store(self._settings.db, lease_seconds=lease, patience=patience)

    def stop(self) -> None:
        """Stop beating."""
        self._stopped.set()
        self.join()
