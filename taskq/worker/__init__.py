"""A worker: claims tasks, runs them in one browser, gives them back, verifies, drains."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from taskq.browser.chromium import Chromium
from taskq.models import Beat, Status, Task, Worker
from taskq.plan import learned
from taskq.process import Process, boot_ms
from taskq.registry import Handler
from taskq.settings import Settings
from taskq.store import Store
from taskq.timeline import seconds_of_steps
from taskq.worker.attempt import Attempt, Stop, Workplace
from taskq.worker.heart import Heart

T = TypeVar("T")

_TIDY_EVERY = 1.0
_HINT_SECONDS = 0.5
_PAYMENT_SECONDS = 120.0
_LAST_WORD = 3
"""The signal at which a worker leaves even a payment under way."""


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


class Work:
    """One start of `taskq work`; `run` is its whole life."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        handlers: Mapping[str, Handler[Any]],
        orders: Orders,
        told: Told,
    ) -> None:
        self._store = store
        self._settings = settings
        self._handlers = handlers
        self._orders = orders
        self._told = told
        self._attempts: dict[str, Attempt] = {}
        self._signals = 0
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._listening = ThreadPoolExecutor(1, thread_name_prefix="hints")
        self._taken = 0
        self._taken_now = True
        self._usual: dict[str, Sequence[float]] = {}

    async def run(self) -> None:
        """Work until told to leave.

        Raises:
            WrongMoment: a worker of this number is alive.
        """
        types = sorted(self._handlers)
        self._worker = await self._ask(
            lambda: self._store.enlist(
                Process.current(), self._orders.number, self._orders.concurrency, types
            )
        )
        self._loop = asyncio.get_running_loop()
        self._chromium = Chromium(self._settings.browser, headed=self._settings.headed)
        self._place = Workplace(
            self._store,
            self._ask,
            self._chromium,
            self._settings,
            self._told.task,
            self._told.entry,
        )
        heart = Heart(self._worker, self._settings, self._living, self._heard_from_heart)
        self._heed_signals()
        heart.start()
        self._told.started(self._worker)
        warming = asyncio.ensure_future(self._warm_up())
        try:
            await self._serve()
        finally:
            await warming
            await asyncio.to_thread(heart.stop)
            await self._ask(lambda: self._store.leave(self._worker.id))
            await self._chromium.close()
            self._thread.shutdown()
            self._listening.shutdown()

    async def _warm_up(self) -> None:
        if any("page" in handler.needs for handler in self._handlers.values()):
            await self._chromium.warm_up()
        self._told.ready()

    async def _serve(self) -> None:
        for task_type in self._handlers:
            await self._learn(task_type)
        hints = await self._loop.run_in_executor(self._listening, self._store.hints)
        hint: asyncio.Future[bool] | None = None
        tidied = -_TIDY_EVERY
        while not await self._is_over():
            if time.monotonic() - tidied >= _TIDY_EVERY:
                await self._tidy()
                tidied = time.monotonic()
            await self._fill()
            await self._heed_cancels()
            if hint is None or hint.done():
                hint = self._loop.run_in_executor(self._listening, hints.wait, _HINT_SECONDS)
            await self._wait_for(hint)
        await self._drain()

    async def _is_over(self) -> bool:
        """Whether nothing more is to be taken."""
        if self._signals:
            return True
        if self._orders.once:
            return self._taken > 0
        if self._orders.only:
            only = self._orders.only
            return (await self._ask(lambda: self._store.get(only))).ended
        return self._orders.drain and not self._attempts and await self._nothing_left()

    async def _nothing_left(self) -> bool:
        """Claim was tried just before: what still waits is not due or not ours."""
        if self._taken_now:
            return False
        counts = await self._ask(self._store.counts)
        return counts.get(Status.PROCESSING, 0) == 0

    async def _tidy(self) -> None:
        """Give back what dead workers had, and verify what they may have paid."""
        for worker in await self._ask(self._store.workers):
            if worker.process.is_proven_dead():
                await self._ask(partial(self._store.leave, worker.id))
        for task in await self._ask(self._store.reap):
            self._told.task(task)
        while self._has_room():
            taken = await self._ask(lambda: self._store.take(self._worker, self._handlers.keys()))
            if taken is None:
                return
            self._begin(taken)

    async def _fill(self) -> None:
        """Claim until every slot is taken or nothing is due."""
        self._taken_now = False
        while self._has_room() and not self._signals:
            task = await self._ask(
                lambda: self._store.claim(
                    self._worker,
                    self._usual,
                    per_lane=self._orders.per_lane,
                    only=self._orders.only,
                )
            )
            if task is None:
                return
            self._taken += 1
            self._taken_now = True
            self._told.task(task)
            self._begin(task)

    def _has_room(self) -> bool:
        slots = 1 if self._orders.once else self._orders.concurrency
        return len(self._attempts) < slots and not (self._orders.once and self._taken)

    def _begin(self, task: Task) -> None:
        attempt = Attempt(self._place, self._handlers[task.type], task)
        self._attempts[task.id] = attempt
        attempt.finished.add_done_callback(lambda _: self._wake.set())

    async def _heed_cancels(self) -> None:
        """Stop what somebody asked to stop; an intent was refused if they asked in time."""
        if not self._attempts:
            return
        entries_unread = dict.fromkeys(self._attempts, 1_000_000)
        for task in await self._ask(lambda: self._store.progress_since(entries_unread)):
            attempt = self._attempts.get(task.id)
            if attempt and task.cancel_requested and not attempt.intends:
                attempt.stop(Stop.CANCELLED)

    async def _wait_for(self, hint: asyncio.Future[bool] | None = None) -> None:
        """Wait for a hint, the end of an attempt, or a signal."""
        woken = asyncio.ensure_future(self._wake.wait())
        waits: set[asyncio.Future[Any]] = {woken, hint} if hint else {woken}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        self._wake.clear()
        for task_id, attempt in list(self._attempts.items()):
            if attempt.finished.done():
                del self._attempts[task_id]
                attempt.finished.result()
                await self._learn(attempt.task.type)
            elif attempt.is_stuck():
                attempt.stop(Stop.STUCK)

    async def _learn(self, task_type: str) -> None:
        """How long the steps of a type usually take: what a claim writes into the plan."""
        runs = await self._ask(lambda: self._store.history(task_type))
        seconds = [seconds_of_steps(task) for task in runs]
        self._usual[task_type] = learned(self._handlers[task_type].whole_plan, seconds)

    # Leaving

    def _heed_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._loop.add_signal_handler(number, self._signalled)

    def _signalled(self) -> None:
        self._signals += 1
        self._wake.set()

    async def _drain(self) -> None:
        """Release what has no intent, finish what has one, leave the rest to verify."""
        until = time.monotonic() + _PAYMENT_SECONDS
        warned = 0
        while self._attempts:
            if self._signals:
                self._stop_what_may_stop()
                warned = self._say_what_is_paid(warned)
            if self._signals >= _LAST_WORD or time.monotonic() > until:
                return
            if self._signals:
                wake_up = self._loop.call_later(until - time.monotonic(), self._wake.set)
                await self._wait_for()
                wake_up.cancel()
            else:
                await self._wait_for()

    def _stop_what_may_stop(self) -> None:
        for attempt in self._attempts.values():
            if attempt.verifies or not attempt.intends:
                attempt.stop(Stop.DRAIN)

    def _say_what_is_paid(self, warned: int) -> int:
        for attempt in self._attempts.values():
            if attempt.intends and not attempt.verifies and warned < self._signals:
                once_more = "" if self._signals == 1 else " once more"
                self._told.notice(
                    f"finishing {attempt.task.id}: payment in progress "
                    f"(Ctrl-C{once_more or ' again'} leaves it to be looked for later)"
                )
        return self._signals

    # What the heartbeat's thread asks and tells

    def _living(self) -> Sequence[Task]:
        return [attempt.task for attempt in list(self._attempts.values()) if not attempt.is_stuck()]

    def _heard_from_heart(self, beat: Beat | None) -> None:
        self._loop.call_soon_threadsafe(self._heed_beat, beat)

    def _heed_beat(self, beat: Beat | None) -> None:
        for task_id, attempt in self._attempts.items():
            if beat is not None and task_id not in beat.lost:
                attempt.leased_ms = boot_ms()
            elif beat is not None or self._lease_is_short(attempt):
                attempt.stop(Stop.LOST)

    def _lease_is_short(self, attempt: Attempt) -> bool:
        since = (boot_ms() - max(attempt.leased_ms, attempt.signed_ms)) / 1000
        return since > self._settings.lease_seconds * 2 / 3

    async def _ask(self, call: Callable[[], T]) -> T:
        """Call the store in its one thread; a call once begun is seen to its end."""
        running = asyncio.get_running_loop().run_in_executor(self._thread, call)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise
