"""What every route works with: the store, asked in threads, and the hub of all who watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from taskq import ids, tasks
from taskq.api.hub import Hub
from taskq.errors import BadInput, TaskNotFound
from taskq.models import Overview, Task
from taskq.registry import Handler
from taskq.settings import Settings
from taskq.store import Store
from taskq.tasks.follow import Counted, overview

T = TypeVar("T")

_THREADS = 4
"""Each keeps two connections to the store for as long as the server runs."""


class Desk:
    """One server's way to its store."""

    def __init__(
        self, store: Store, settings: Settings, handlers: Mapping[str, Handler[Any]]
    ) -> None:
        self.store = store
        self.settings = settings
        self.handlers = handlers
        self.hub = Hub(store)
        self._counted = Counted(store)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="api")

    async def ask(self, call: Callable[[], T]) -> T:
        """What *call* gives, which may wait for a lock or a disk."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def task(self, text: str) -> Task:
        """The task that *text* means, as everywhere: its id, a beginning of it, or `@`.

        Raises:
            TaskNotFound: it means none, or several.
        """
        return await self.ask(lambda: self._named(text))

    async def exactly(self, task_id: str) -> Task:
        """The task of this whole id: what changes something names it in full.

        Raises:
            TaskNotFound: there is none.
        """
        if not ids.is_id(task_id):
            raise TaskNotFound(task_id)
        return await self.ask(lambda: self.store.get(task_id))

    async def overview(self) -> Overview:
        """How the queue is, counted a moment ago."""
        return await self.ask(lambda: overview(self.store, self._counted()))

    def _named(self, text: str) -> Task:
        if text == "@":
            return tasks.named(self.store, text)
        if not ids.is_id(text):
            raise TaskNotFound(text)
        try:
            return tasks.planned(self.store.get(text))
        except TaskNotFound:
            return self._begun(text)

    def _begun(self, text: str) -> Task:
        try:
            return tasks.named(self.store, text)
        except BadInput:
            raise TaskNotFound(text) from None

    def close(self) -> None:
        """Let go of every watcher and thread."""
        self.hub.close()
        self.hub.join()
        self._threads.shutdown()
