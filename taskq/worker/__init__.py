"""A worker: claims tasks, runs them in one browser, gives them back, verifies, drains."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from taskq.artifacts import Folder
from taskq.browser.chromium import Chromium
from taskq.errors import LeaseLost, StoreBusy, StoreFailed
from taskq.models import Beat, Outcome, Status, Task
from taskq.notify import Notifier
from taskq.plan import learned
from taskq.process import Process, boot_ms
from taskq.registry import Handler
from taskq.settings import Settings
from taskq.store import Store
from taskq.tasks import planned
from taskq.timeline import seconds_of_steps, timeline
from taskq.views.document import document
from taskq.worker.attempt import Workplace
from taskq.worker.endings import needs_review
from taskq.worker.hands import Hands
from taskq.worker.heart import Heart
from taskq.worker.leaving import Leaving
from taskq.worker.orders import Orders, Told
from taskq.worker.outbox import Outbox

T = TypeVar("T")

_TIDY_EVERY = 1.0
_HINT_SECONDS = 0.5


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
        self._told = told = told.unfailing()
        self._wake = asyncio.Event()
        self._store_thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._hint_thread = ThreadPoolExecutor(1, thread_name_prefix="hints")
        self._chromium = Chromium(settings.browser, headed=settings.headed)
        self._outbox = Outbox(settings.outbox)
        self._notifier = Notifier(settings.notify_url, told.notice)
        place = Workplace(
            store=store,
            ask=self._ask,
            chromium=self._chromium,
            settings=settings,
            outbox=self._outbox,
            tell=self._tell,
            tell_entry=told.entry,
            notice=told.notice,
        )
        self._hands = Hands(place, handlers, self._wake.set)
        self._leaving = Leaving(self._wake.set, told.notice)
        self._taken = 0
        self._tidied = -_TIDY_EVERY
        self._found_nothing = False
        self._store_is_away = False
        self._usual: dict[str, Sequence[float]] = dict.fromkeys(handlers, ())

    async def run(self) -> None:
        """Work until told to leave.

        Raises:
            WrongMoment: a worker of this number is alive.
            NotSetUp: the database or the browser failed it.
        """
        orders, types = self._orders, sorted(self._handlers)
        self._worker = await self._ask(
            lambda: self._store.enlist(Process.current(), orders.number, orders.concurrency, types)
        )
        loop = asyncio.get_running_loop()

        def heard(beat: Beat, asked: Collection[Task], asked_ms: int) -> None:
            loop.call_soon_threadsafe(self._hands.heed_beat, beat, asked, asked_ms)

        heart = Heart(self._worker, self._settings, self._hands.living, heard)
        self._leaving.heed_signals()
        heart.start()
        self._told.started(self._worker)
        warming = asyncio.ensure_future(self._warm_up())
        minding = asyncio.ensure_future(self._hands.mind())
        fault = None
        try:
            fault = await self._serve_and_drain()
        finally:
            minding.cancel()
            await self._hands.drop()
            await asyncio.wait([warming])
            await asyncio.to_thread(heart.stop)
            with suppress(StoreFailed):  # then its leases run out
                await self._ask(lambda: self._store.leave(self._worker.id))
            await self._chromium.close()
            self._store_thread.shutdown()
            self._hint_thread.shutdown()
            await asyncio.to_thread(self._notifier.close)
        if fault := self._hands.fault or fault:
            raise fault

    async def _serve_and_drain(self) -> StoreFailed | None:
        """Work, then leave in order, also where the store has failed us: how it did."""
        fault = None
        try:
            await self._serve()
        except StoreFailed as error:
            fault = error
            self._leaving.ask()
        await self._leaving.drain(self._hands, self._change)
        return fault

    async def _warm_up(self) -> None:
        if any("page" in handler.needs for handler in self._handlers.values()):
            await self._chromium.warm_up()
        self._told.ready()

    async def _serve(self) -> None:
        """Take and run tasks until nothing more is to be taken."""
        await self._learn(self._handlers)
        loop = asyncio.get_running_loop()
        hints = await loop.run_in_executor(self._hint_thread, self._store.hints)
        hint: asyncio.Future[bool] | None = None
        while True:
            try:
                if await self._is_over():
                    return
                await self._look_around()
                self._is_back()
            except StoreBusy as error:
                self._is_away(error)
            if hint is None or hint.done():
                hint = loop.run_in_executor(self._hint_thread, hints.wait, _HINT_SECONDS)
                # Whoever leaves meanwhile does not ask what became of it.
                hint.add_done_callback(lambda told: told.cancelled() or told.exception())
            await self._change(hint)

    def _is_away(self, error: StoreBusy) -> None:
        """Say once that the store does not answer: it is asked again and again."""
        if not self._store_is_away:
            self._told.notice(str(error))
        self._store_is_away = True

    def _is_back(self) -> None:
        if self._store_is_away:
            self._told.notice("The database answers again")
        self._store_is_away = False

    async def _look_around(self) -> None:
        """Give back, verify, claim and cancel what there is to."""
        if time.monotonic() - self._tidied >= _TIDY_EVERY:
            await self._tidy()
            self._tidied = time.monotonic()
        await self._fill()
        await self._hands.heed_cancels()

    async def _is_over(self) -> bool:
        """Whether nothing more is to be taken."""
        if self._leaving.asked:
            return True
        if self._orders.once:
            return self._taken > 0 and not len(self._hands)
        if only := self._orders.only:
            return (await self._ask(lambda: self._store.get(only))).ended
        return self._orders.drain and not len(self._hands) and await self._nothing_left()

    async def _nothing_left(self) -> bool:
        """What still waits is not due or not ours, and nobody runs anything that may come back."""
        if not self._found_nothing:
            return False
        counts = await self._ask(self._store.counts)
        if counts.get(Status.PROCESSING, 0):
            return False
        await self._fill()  # what has ended since the last look may have held up what waits
        return not len(self._hands)

    async def _tidy(self) -> None:
        """Give back what dead workers had, and verify what they may have paid."""
        for worker in await self._ask(self._store.workers):
            if not worker.alive and worker.process.is_proven_dead():
                await self._ask(partial(self._store.leave, worker.id))
        delivered = await self._ask(lambda: self._outbox.deliver(self._store))
        for task in [*delivered, *await self._ask(self._store.reap)]:
            self._has_ended(task)
        while self._has_room():
            asked_ms = boot_ms()
            taken = await self._ask(self._take)
            if taken is None:
                return
            if taken.type in self._handlers:
                self._hands.begin(taken, asked_ms)
            else:
                with suppress(LeaseLost):  # somebody knew better meanwhile
                    self._has_ended(await self._ask(partial(self._give_up, taken)))

    def _has_ended(self, task: Task) -> None:
        """Tell of a task that was in nobody's hands; nothing is kept to look for it by."""
        if task.outcome is not Outcome.UNKNOWN:
            Folder(self._settings.data_dir, task.id).forget_verify()
        self._tell(task)

    def _tell(self, task: Task) -> None:
        """Tell what has become of a task, and of its end also whoever is to be notified."""
        self._told.task(task)
        if task.ended:
            self._notifier.tell(
                task.id, lambda: document(planned(task), timeline(planned(task), datetime.now(UTC)))
            )

    def _give_up(self, task: Task) -> Task:
        """Say that nobody knows: no worker that could look has come."""
        return self._store.end(task, needs_review(task))

    async def _fill(self) -> None:
        """Claim until every slot is taken or nothing is due."""
        while self._has_room() and not self._leaving.asked:
            asked_ms = boot_ms()
            task = await self._ask(self._claim)
            self._found_nothing = task is None
            if task is None:
                return
            self._taken += 1
            self._tell(task)
            self._hands.begin(task, asked_ms)

    def _claim(self) -> Task | None:
        orders = self._orders
        return self._store.claim(
            self._worker, self._usual, per_lane=orders.per_lane, only=orders.only
        )

    def _take(self) -> Task | None:
        return self._store.take(
            self._worker,
            self._handlers.keys(),
            window=self._settings.verify_seconds,
            only=self._orders.only,
        )

    def _has_room(self) -> bool:
        slots = 1 if self._orders.once else self._orders.concurrency
        return len(self._hands) < slots and not (self._orders.once and self._taken)

    async def _change(self, hint: asyncio.Future[bool] | None = None) -> None:
        """Wait for a hint, the end of an attempt, or a signal; let go of what is over."""
        woken = asyncio.ensure_future(self._wake.wait())
        waits: set[asyncio.Future[Any]] = {woken, hint} if hint else {woken}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        self._wake.clear()
        if hint and hint.done():
            with suppress(StoreBusy):
                hint.result()
        over = self._hands.collect()
        if self._hands.fault and not self._leaving.asked:
            self._leaving.ask()
        await self._learn(over)

    async def _learn(self, task_types: Collection[str]) -> None:
        """How long the steps of these types usually take: what a claim writes into a plan."""
        for task_type in task_types:
            with suppress(StoreFailed):  # then it takes as long as it took before
                runs = await self._ask(partial(self._store.history, task_type))
                seconds = [seconds_of_steps(task) for task in runs]
                self._usual[task_type] = learned(self._handlers[task_type].whole_plan, seconds)

    async def _ask(self, call: Callable[[], T]) -> T:
        """Call the store in its one thread; a call once begun is seen to its end."""
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._store_thread, call)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise
