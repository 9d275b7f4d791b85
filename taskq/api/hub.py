"""One look at the store for all who watch, however many they are."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from taskq.errors import StoreFailed
from taskq.models import Overview, Task
from taskq.store import Store
from taskq.tasks.follow import changes, follow_overview

T = TypeVar("T")
News = Task | Overview

_LOG = logging.getLogger(__name__)
_TICK = 1.0
_AFTER_A_FAULT = 1.0
_APART = 0.5
"""Seconds between two overviews at least: they are hints, and cost more than one task."""


class Mailbox:
    """The newest of each kind that one watcher has not seen; older news are in it as well."""

    def __init__(self) -> None:
        self._newest: dict[type[News], News] = {}
        self._closed = False
        self._arrived = asyncio.Event()

    def put(self, news: News) -> None:
        """Replace what is there of its kind."""
        self._newest[type(news)] = news
        self._arrived.set()

    def close(self) -> None:
        """Nothing more will come."""
        self._closed = True
        self._arrived.set()

    async def each(self, patience: float) -> AsyncIterator[News | None]:
        """What arrives, while anything may; None after every *patience* seconds without."""
        while not self._closed:
            try:
                async with asyncio.timeout(patience):
                    await self._arrived.wait()
            except TimeoutError:
                yield None
                continue
            self._arrived.clear()
            newest, self._newest = self._newest, {}
            for news in newest.values():
                yield news


class Hub:
    """Follows the tasks that somebody watches, and the queue while anybody watches it.

    Its two threads sleep while nobody does.
    """

    def __init__(self, store: Store) -> None:
        self._tasks: dict[str, set[Mailbox]] = {}
        self._queue: set[Mailbox] = set()
        self._of_tasks = _Lookout(
            lambda: changes(store, lambda: tuple(self._tasks), _TICK), self._tell_tasks
        )
        self._of_queue = _Lookout(lambda: follow_overview(store, _APART), self._tell_queue)

    @contextmanager
    def watch(self, *, task: str | None = None, queue: bool = False) -> Iterator[Mailbox]:
        """Every change of a task, or of the queue, or of both, from now on."""
        box = Mailbox()
        if task is not None:
            self._tasks.setdefault(task, set()).add(box)
        if queue:
            self._queue.add(box)
        self._look()
        try:
            yield box
        finally:
            if task is not None:
                self._tasks[task].discard(box)
                if not self._tasks[task]:
                    del self._tasks[task]
            self._queue.discard(box)
            self._look()

    def _look(self) -> None:
        self._of_tasks.watch(anybody=bool(self._tasks))
        self._of_queue.watch(anybody=bool(self._queue))

    def join(self) -> None:
        """Wait until the threads have ended, which `close` asked for: they use the store."""
        self._of_tasks.join()
        self._of_queue.join()

    def close(self) -> None:
        """Send every watcher home, and let the threads end."""
        self._of_tasks.close()
        self._of_queue.close()
        for box in self._queue.union(*self._tasks.values()):
            box.close()

    def _tell_tasks(self, changed: Sequence[Task]) -> None:
        for task in changed:
            for box in self._tasks.get(task.id, ()):
                box.put(task)

    def _tell_queue(self, found: Overview | None) -> None:
        if found is not None:
            for box in self._queue:
                box.put(found)


class _Lookout(Generic[T]):
    """A thread that reads *source* while anybody watches, and tells it in the server's loop."""

    def __init__(self, source: Callable[[], Iterator[T]], tell: Callable[[T], None]) -> None:
        self._source = source
        self._tell = tell
        self._watched = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, *, anybody: bool) -> None:
        """Look on, or rest."""
        if self._closed.is_set():
            return
        if not anybody:
            self._watched.clear()
            return
        if self._thread is None:
            loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._look, args=(loop,), daemon=True)
            self._thread.start()
        self._watched.set()

    def close(self) -> None:
        self._closed.set()
        self._watched.set()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._closed.is_set():
            try:
                self._read(loop)
            except StoreFailed:  # who watches is told by the next request
                self._closed.wait(_AFTER_A_FAULT)
            except Exception as error:  # noqa: BLE001 - nobody else would look for them
                _LOG.error("taskq: a fault of taskq's own: %s: %s", type(error).__name__, error)
                self._closed.wait(_AFTER_A_FAULT)

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watched.wait()
        for news in self._source():
            if self._closed.is_set() or loop.is_closed():
                return
            loop.call_soon_threadsafe(self._tell, news)
            self._watched.wait()
