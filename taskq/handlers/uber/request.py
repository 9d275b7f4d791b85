"""The one request: pressed once, answered once; what the app asks is held to the limit."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskq.browser import moves
from taskq.browser.guard import Guard, Ways, one_post, site_of
from taskq.browser.patience import in_time
from taskq.clean import clean
from taskq.errors import Declined, NotStarted, TaskFailed
from taskq.handlers.uber import fares, links, products, questions, ride
from taskq.handlers.uber.backend import Quote
from taskq.handlers.uber.fares import Fare
from taskq.handlers.uber.questions import NO, Question
from taskq.handlers.uber.ride import UberRide
from taskq.plan import Step
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Locator

REACTION_SECONDS = 10.0
_PRESS_MS = 15_000.0
"""A busy machine has taken more than 5 s to press; what may still be sent, the guard knows."""
_SETTLE_SECONDS = 1.0
"""How long the page has to go to its trip after an answer, before it is taken for a question."""


class Request:
    """One request for a ride on the page that shows it; never pressed twice."""

    def __init__(self, run: Run[UberRide], quote: Quote, known: Collection[str]) -> None:
        """Request what *quote* says, and take none of the *known* trips for ours."""
        self._run = run
        self._page = run.page
        self._quote = quote
        self._known = known
        self._trip = ""
        self._site = site_of(urlsplit(run.page.url).hostname or "")
        self._asks: dict[str, Question] = questions.of(run.page)
        self.fare: Fare = quote.fare
        """What was accepted last."""

    async def send(self, step: Step, **facts: Any) -> str:
        """Press Request under the guard; the id of the trip that it makes.

        Raises:
            NotStarted, Declined, TaskFailed: see `RideBackend.book`.
        """
        page, run = self._page, self._run
        # What stands there before the press must not be taken for its answer.
        if NO.search(said := await self._said()):
            raise TaskFailed(f"{said.removeprefix(': ')}; nothing was booked")
        for what, question in list(self._asks.items()):
            if await question.place.is_visible():
                del self._asks[what]
        plainly = urlsplit(page.url).hostname in run.settings.unguarded
        async with one_post(page, run.lease.holds, Ways(plainly=plainly)) as guard:
            await run.step(step, **facts)
            await self._look_once_more(guard)
            run.must_act_now()
            guard.press()
            await self._press(products.request_button(page), guard)
            return await self._answered(guard)

    async def _look_once_more(self, guard: Guard) -> None:
        """See, right before the press, that it is still the ride and the fare that are meant."""
        try:
            ride.in_time(self._run.params, self._run.task.created_at)
            row = await products.still_chosen(self._page, self._quote.product)
            self.fare = self._run.params.limit.check(row.fare)
            await products.check_button(self._page, self._quote.product)
        except TaskFailed as error:
            guard.shut()
            raise Declined(str(error)) from None

    async def _press(self, button: Locator, guard: Guard) -> None:
        from playwright.async_api import Error

        try:
            await button.click(timeout=_PRESS_MS)
        except Error as error:
            if guard.shut():
                raise NotStarted("the Request button could not be pressed") from error
            raise

    async def _answered(self, guard: Guard) -> str:
        """Follow the page until it stands at a new trip."""
        late = asyncio.ensure_future(
            in_time(self._run, asyncio.Event().wait(), self._run.settings.answer_seconds)
        )
        try:
            while (what := await self._next(guard, late)) != "trip":
                if what not in self._asks or not self._is_own(self._page.url):
                    await self._heed(what, guard)
                question = self._asks.pop(what)
                await self._check(what, question.place, guard)
                if guard.unanswered.is_set():
                    await self._heed("lost", guard)
                await self._say(question.yes, guard)
        finally:
            late.cancel()
            await asyncio.gather(late, return_exceptions=True)
        return self._trip

    async def _say(self, yes: Locator, guard: Guard) -> None:
        """Press what says yes; where it stays, it may be pressed for another question: never."""
        from playwright.async_api import Error
        from playwright.async_api import TimeoutError as GaveUp

        pressed = await yes.element_handle()
        assert pressed is not None
        try:
            await pressed.click(timeout=_PRESS_MS)
        except Error as error:
            if guard.shut():
                raise NotStarted("what the app asked could not be answered") from error
            raise
        with suppress(Error):  # the page is gone, and it with it
            try:
                await pressed.wait_for_element_state("hidden", timeout=_PRESS_MS)
            except GaveUp:
                self._asks.clear()

    async def _next(self, guard: Guard, late: asyncio.Future[bool]) -> str:
        """What happens next: the first of these words that has come true.

        A question and a no count only when nothing is under way any more, and the page has not
        gone to a trip: an answer that comes later is the truth.

        Raises:
            NotStarted: nothing happens, and nothing went out.
        """
        while True:
            what = await self._first(guard, late)
            if what not in self._asks and what != "no":
                return what
            if not guard.sent.is_set():
                return what
            if await self._has_settled(guard, late) and await self._stands(what):
                return what
            if late.done():
                return "late"

    async def _has_settled(self, guard: Guard, late: asyncio.Future[bool]) -> bool:
        """Wait for what is under way, and a moment for the page; False if it is at a trip now."""
        landed: asyncio.Future[Any] = asyncio.ensure_future(guard.landed())
        both: set[asyncio.Future[Any]] = {landed, late}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        landed.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_SECONDS):
                await moves.stands(self._page, self._is_new)
                return False
        return not guard.waits

    async def _stands(self, what: str) -> bool:
        if what == "no":
            return NO.search(await self._said()) is not None
        return await self._asks[what].place.is_visible()

    async def _first(self, guard: Guard, late: asyncio.Future[bool]) -> str:
        page = self._page
        no = page.locator(questions.ALERT).filter(has_text=NO).first
        waits: dict[str, asyncio.Future[Any]] = {
            "trip": asyncio.ensure_future(moves.stands(page, self._is_new)),
            "refused": asyncio.ensure_future(guard.refused.wait()),
            "lost": asyncio.ensure_future(guard.unanswered.wait()),
            **{
                what: asyncio.ensure_future(question.place.wait_for(timeout=0))
                for what, question in self._asks.items()
            },
            "no": asyncio.ensure_future(no.wait_for(timeout=0)),
        }
        sent = asyncio.ensure_future(guard.sent.wait())
        every = {*waits.values(), late}
        first = asyncio.FIRST_COMPLETED
        try:
            await asyncio.wait({*every, sent}, timeout=REACTION_SECONDS, return_when=first)
            reacted = sent.done() or any(wait.done() for wait in every)
            if not reacted and guard.shut():
                said = await self._said()
                raise NotStarted(f"the page did not react to the Request button{said}")
            await asyncio.wait(every, return_when=first)
            return next((what for what, wait in waits.items() if _is_true(wait)), "late")
        finally:
            for wait in (*waits.values(), sent):
                wait.cancel()
            await asyncio.gather(*waits.values(), sent, return_exceptions=True)

    def _is_new(self, url: str) -> bool:
        self._trip = links.trip_id(url) or ""
        return self._is_own(url) and bool(self._trip) and self._trip not in self._known

    def _is_own(self, url: str) -> bool:
        """Whether a page is the app's own: what a bank says meanwhile is no answer."""
        return site_of(urlsplit(url).hostname or "") == self._site

    async def _check(self, what: str, place: Locator, guard: Guard) -> None:
        """Hold what the app asks to the limit; where it is above, nothing more gets out.

        Raises:
            Declined: it is above, or cannot be read, and no request is unanswered.
        """
        text = (
            await place.inner_text() if what == "fare" else await place.evaluate(questions.AROUND)
        )
        amount = fares.only_amount(str(text))
        try:
            ride.in_time(self._run.params, self._run.task.created_at)
            if amount is not None or what == "fare":
                self._accept(self._run.params.limit.check(amount or ""))
        except TaskFailed as above:
            guard.shut()
            if guard.unanswered.is_set() or guard.waits:
                raise
            raise Declined(str(above)) from None

    def _accept(self, fare: Fare) -> None:
        if fare.minor < self.fare.minor:  # what comes on top, rather than what it comes to
            raise TaskFailed(f"the app names {fare} where it was {self.fare}")
        self.fare = fare

    async def _heed(self, what: str, guard: Guard) -> None:
        """Raise what an end without a trip means."""
        if what == "refused" and guard.shut():
            raise NotStarted("the worker was away too long")
        said = await self._said()
        is_own = self._is_own(self._page.url)
        if what == "no" and is_own and not guard.unanswered.is_set() and NO.search(said):
            raise Declined(said.removeprefix(": "))
        raise TaskFailed(f"the ride was requested, but its answer did not come{said}")

    async def _said(self) -> str:
        """What the page says in its alerts, after a colon."""
        from playwright.async_api import Error

        texts: list[str] = []
        with suppress(Error):
            texts = await self._page.locator(questions.ALERT).all_inner_texts()
        said = "; ".join(dict.fromkeys(filter(None, map(clean, texts))))
        return f": {said}" if said else ""


def _is_true(wait: asyncio.Future[Any]) -> bool:
    return wait.done() and not wait.cancelled() and wait.exception() is None
