"""One attempt at one task, from its claim to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from taskq import run as runs
from taskq import sessions
from taskq.artifacts import Folder
from taskq.browser import evidence, trace
from taskq.browser.chromium import Chromium
from taskq.errors import (
    CancelRequested,
    Declined,
    LeaseLost,
    NotSetUp,
    NotStarted,
    StoreFailed,
    TaskFailed,
)
from taskq.lease import Lease
from taskq.models import Ending, Outcome, Task
from taskq.process import boot_id, boot_ms
from taskq.registry import Handler, Result
from taskq.run import Ask, BlockingRun, Run
from taskq.sessions import Login
from taskq.settings import Settings, config_dir
from taskq.store import Store
from taskq.tasks import needs
from taskq.worker import endings
from taskq.worker.lastword import LastWord
from taskq.worker.login import kept
from taskq.worker.outbox import Outbox
from taskq.worker.thread import in_thread
from taskq.worker.verify import look_for_order

if TYPE_CHECKING:
    from playwright.async_api import Page


class Stop(StrEnum):
    """Why a worker stops an attempt from outside."""

    CANCELLED = "cancelled"
    DRAIN = "drain"
    DROPPED = "dropped"
    LOST = "lost"
    STUCK = "stuck"


@dataclass(frozen=True)
class Workplace:
    """What all attempts of a worker share."""

    store: Store
    ask: Ask[Any]
    chromium: Chromium
    settings: Settings
    outbox: Outbox
    tell: Callable[[Task], None]
    tell_entry: Callable[[Task, str], None]
    notice: Callable[[str], None]


class Attempt:
    """A task in this worker's hands; `work` is its whole life."""

    def __init__(self, place: Workplace, handler: Handler[Any], task: Task, lease: Lease) -> None:
        self.task = task
        self.handler = handler
        self.lease = lease
        self.run: Run[Any] | None = None
        self.verifies = task.intent is not None
        self.stopped: Stop | None = None
        self._began_ms = boot_ms()
        self._keeps = False
        self._said_last = False
        self._place = place
        self._last_word = LastWord(place.ask, place.store, place.outbox, place.notice)
        self._folder = Folder(place.settings.data_dir, task.id)
        self._working = asyncio.ensure_future(self._work())

    @property
    def intends(self) -> bool:
        """Whether its payment may be under way: then it is finished, not released."""
        return not self._said_last and (
            self.verifies or (self.run is not None and self.run.intends)
        )

    @property
    def signed_ms(self) -> int:
        """When it last gave a sign of life."""
        return self.run.signed_ms if self.run else self._began_ms

    @property
    def finished(self) -> asyncio.Future[None]:
        """Done when nothing more happens in this attempt."""
        return self._working

    def stop(self, why: Stop) -> None:
        """Stop it from outside; what is stopped once is not stopped again for another reason.

        Its last word is not cut off: at most it gets no second try. Neither is what is kept of
        its login, and of its trace, right before.
        """
        if self._last_word.is_being_said:
            if why is Stop.DROPPED:
                self._last_word.hurry()
        elif self.stopped is None:
            self.stopped = why
            if not self._keeps:
                self._working.cancel()

    async def gone(self) -> None:
        """Wait until it is over, however it ends; a browser that hangs is not waited for."""
        await asyncio.wait([self._working], timeout=_GONE_SECONDS)

    def is_stuck(self) -> bool:
        """Whether it gave no sign of life for longer than its type may be silent."""
        return boot_ms() - self.signed_ms > self._stuck_after * 1000

    async def _work(self) -> None:
        # Where the lease is lost it is somebody else's now, who says how it ends.
        with suppress(LeaseLost):
            try:
                if not self.verifies:
                    await self._run_to_its_end()
                if self.verifies and self.stopped is None:
                    await self._verify()
            except asyncio.CancelledError:
                if not (self._said_last or self.intends or self.stopped in _SILENTLY):
                    await self._give_back()
            except (LeaseLost, StoreFailed):
                raise
            except Exception as error:  # noqa: BLE001 - a fault beside the handler ends its task
                unsure = endings.needs_review(self.task)
                await self._end(unsure if self.intends else self._failure(error))

    async def _run_to_its_end(self) -> None:
        """Run the handler and write what came of it; an unclear payment is left to verify."""
        async with AsyncExitStack() as stack:
            try:
                result = await self._handle(stack)
            except LeaseLost:
                raise
            except asyncio.CancelledError:
                if self.stopped is None:
                    await self._failed(TaskFailed("the handler cancelled itself"))
                elif self.stopped is Stop.STUCK and self.intends:
                    self.stopped, self.verifies = None, True
                else:
                    raise
            except Exception as error:  # noqa: BLE001 - here it is decided what an error means
                await self._failed(error)
            else:
                if self.run is not None:
                    with self._keeping():
                        await trace.keep(self.run)
                await self._end(self._success(result))

    async def _handle(self, stack: AsyncExitStack) -> Result:
        """Give the handler what it needs, checked before a browser opens, and call it."""
        run = self._new_run()
        settings, account = self._place.settings, self.task.account
        equipment = await in_thread(  # a keyring may wait for somebody to open it
            lambda: needs.equipment(self.handler, run.params, settings, account)
        )
        page, login = None, equipment.login
        if "page" in self.handler.needs:
            opened = self._place.chromium.page(login.state if login else None)
            page = await stack.enter_async_context(opened)
        run.equip(page, equipment.profile, equipment.card)
        if run.has_page and "card" not in self.handler.needs:
            await trace.begin(run)  # who types a card says itself when a trace begins and ends
        runs.enter(run)
        async with kept(login, page, self._is_ours, self._keeping):
            return await self._called(run)

    async def _called(self, run: Run[Any]) -> Result:
        """What the handler gives."""
        if self.handler.blocks:
            blocking = cast("Callable[[BlockingRun[Any]], Result]", self.handler.run)
            return await in_thread(lambda: blocking(BlockingRun(run)))
        return await cast("Callable[[Run[Any]], Awaitable[Result]]", self.handler.run)(run)

    async def _failed(self, error: Exception) -> None:
        """Write what an exception of the handler means."""
        if isinstance(error, NotStarted):
            await self._not_started(str(error))
            return
        if isinstance(error, CancelRequested):
            await self._end(endings.CANCELLED)
            return
        if isinstance(error, StoreFailed) and not self.intends:
            await self._release("The database could not be written", free=True)
            return
        if self.run is not None and self.run.has_page:
            await evidence.of_failure(self.run)
            await trace.keep(self.run)
        if self.intends and not isinstance(error, Declined):
            self.verifies = True
        elif self.run is not None and self.run.has_page and not await self._place.chromium.lives():
            await self._release("The browser crashed", free=False)
        else:
            await self._end(self._failure(error))

    async def _not_started(self, reason: str) -> None:
        """Take the intent back; where it was never written, the task is simply given back."""
        try:
            await self._write(lambda store: store.withdraw(self.task, reason))
        except LeaseLost:
            await self._release(f"Payment not started: {reason}", free=True)

    async def _verify(self) -> None:
        """Look, and only look, what became of a payment whose answer did not come."""
        left = self.run.artifacts if self.run else {}
        await self._read_again()
        run = self._new_run()
        run.artifacts.update(left)
        since = self._intended_ms()
        try:
            found = await look_for_order(run, self.handler, self._page_to_look, since, self._window)
        except Declined as never:
            await self._end(self._failure(never))
        else:
            known = (run.folder.read_verify() or {}).get("proof")
            review = endings.needs_review(self.task, known)
            await self._end(self._success(found) if found else review)

    @asynccontextmanager
    async def _page_to_look(self) -> AsyncIterator[Page]:
        """A page with the task's login; one that was forgotten meanwhile is looked without."""
        login = None
        with suppress(NotSetUp):
            login = needs.login_of(self.handler, self.task.account)
        renews = login if login and self._looks_by_newer(login) else None
        async with (
            self._place.chromium.page(login.state if login else None) as page,
            kept(renews, page, self._is_ours),
        ):
            yield page

    def _looks_by_newer(self, login: Login) -> bool:
        """Whether no older cookies, which the handler kept to look by, get over the login's."""
        looks_by = self._folder.verify_kept_at()
        return looks_by is None or looks_by > sessions.kept_at(login.name, config_dir())

    def _is_ours(self) -> bool:
        """Whether nobody else can have begun with this task's account."""
        return self.lease.holds() and self.stopped is not Stop.LOST

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        self._keeps = True
        try:
            yield
        finally:
            self._keeps = False

    async def _read_again(self) -> None:
        """Know the row as it is since the intent, which says where and when to look."""
        found = await self._place.ask(lambda: self._place.store.get(self.task.id))
        if found.attempt != self.task.attempt:
            raise LeaseLost(self.task.id, self.task.attempt)
        self.task = found

    async def _give_back(self) -> None:
        if self.stopped is Stop.CANCELLED:
            await self._end(endings.CANCELLED)
        elif self.stopped is Stop.STUCK:
            await self._release(f"No sign of life for {self._stuck_after:g} s", free=False)
        else:
            await self._release("Worker stopped", free=True)

    def _new_run(self) -> Run[Any]:
        params = self.handler.params.model_validate(self.task.params)
        self.run = Run(
            task=self.task,
            params=params,
            words=self.handler.words(params),
            store=self._place.store,
            ask=self._place.ask,
            folder=self._folder,
            lease=self.lease,
            settings=self._place.settings,
            told=self._place.tell_entry,
        )
        return self.run

    def _success(self, result: Result) -> Ending:
        return endings.success(self.task, result, self._artifacts, self._bought_by())

    def _failure(self, error: Exception) -> Ending:
        typed = self.run.card if self.run and self.run.card_is_on_page else None
        return endings.failure(self.task, error, self._artifacts, typed)

    def _bought_by(self) -> int | None:
        """The attempt whose intent was acted on: this one, or the one it looks for the order of."""
        if not self.intends:
            return None
        return int((self.task.intent or {}).get("attempt", self.task.attempt))

    @property
    def _artifacts(self) -> dict[str, str]:
        return self.run.artifacts if self.run else {}

    async def _end(self, ending: Ending) -> None:
        self._conclude(await self._last_word.end(self.task, ending))

    async def _release(self, reason: str, *, free: bool) -> None:
        await self._write(lambda store: store.release(self.task, reason, free=free))

    async def _write(self, verb: Callable[[Store], Task]) -> None:
        self._conclude(await self._last_word.write(verb))

    def _conclude(self, task: Task) -> None:
        """The last word of this attempt is written: what it kept to look by has done its work."""
        self._said_last = True
        if task.outcome is not Outcome.UNKNOWN:
            self._folder.forget_verify()
        self._place.tell(task)

    @property
    def _stuck_after(self) -> float:
        return self.handler.stuck_after or self._place.settings.stuck_seconds

    @property
    def _window(self) -> float:
        return self._place.settings.verify_seconds

    def _intended_ms(self) -> int:
        """When the intent was written, by this boot's clock; now, where another boot wrote it."""
        intent = self.task.intent or {}
        mine = intent.get("boot_id") == boot_id()
        return int(intent["boot_ms"]) if mine else boot_ms()


_GONE_SECONDS = 30.0
_SILENTLY = {Stop.LOST, Stop.DROPPED}
"""Stopped for these there is nothing left to say: the lease is over, or about to be."""
