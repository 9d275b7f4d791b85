"""The one request: pressed once, answered once; what the app asks is held to the limit."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskq.browser import moves
from taskq.browser.guard import Guard, Ways, one_post, site_of
from taskq.browser.patience import in_time
from taskq.clean import clean
from taskq.errors import Declined, NotStarted, TaskFailed
from taskq.handlers.uber import fares, links
from taskq.handlers.uber.fares import Limit
from taskq.handlers.uber.products import request_button
from taskq.plan import Step
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Locator

REACTION_SECONDS = 10.0
_PRESS_MS = 5_000.0

_ALERT = '[role="alert"]:visible'
_DIALOG = ':is([role="dialog"], [role="alertdialog"]):visible'
# Its words are glued together where elements meet.
_FARE = re.compile(r"fare|price", re.IGNORECASE)
_ACCEPT = re.compile(r"^(accept|confirm|continue|request|book)\b", re.IGNORECASE)
_CONFIRM = re.compile(r"^confirm\b", re.IGNORECASE)
_AROUND = """e => (e.closest('[role="dialog"], [role="alertdialog"], dialog, section, form, main')
  ?? document.body).innerText"""

# A definite no; whatever else the app says leaves it unknown.
_NO = re.compile(
    r"\bdeclined\b|payment method is invalid|update your billing|no longer available"
    r"|already (have|on) a trip|log in to request",
    re.IGNORECASE,
)


class Request:
    """One request for a ride on the page that shows it; never pressed twice."""

    def __init__(self, run: Run[Any], limit: Limit, known: Collection[str]) -> None:
        """Accept no fare above *limit*, and none of the *known* trips for ours."""
        self._run = run
        self._page = run.page
        self._limit = limit
        self._known = known
        self._trip = ""
        self._site = site_of(urlsplit(run.page.url).hostname or "")
        offer = self._page.locator(_DIALOG).filter(has_text=_FARE)
        confirm = self._page.get_by_role("button", name=_CONFIRM)
        # What the app may ask, each at most once: where it asks, and what says yes.
        self._asks: dict[str, tuple[Locator, Locator]] = {
            "fare": (offer.first, offer.get_by_role("button", name=_ACCEPT).first),
            "pickup": (confirm.first, confirm.first),
        }

    async def send(self, step: Step, **facts: Any) -> str:
        """Press Request under the guard; the id of the trip that it makes.

        Raises:
            NotStarted, Declined, TaskFailed: see `RideBackend.book`.
        """
        from playwright.async_api import Error

        page, run = self._page, self._run
        button = request_button(page)
        # What stands there before the press must not be taken for its answer.
        if _NO.search(said := await self._said()):
            raise TaskFailed(f"{said.removeprefix(': ')}; nothing was booked")
        for what, (place, _) in list(self._asks.items()):
            if await place.is_visible():
                del self._asks[what]
        plainly = urlsplit(page.url).hostname in run.settings.unguarded
        async with one_post(page, run.lease.holds, Ways(plainly=plainly)) as guard:
            await run.step(step, **facts)
            run.must_act_now()
            guard.press()
            try:
                await button.click(timeout=_PRESS_MS)
            except Error as error:
                if guard.shut():
                    raise NotStarted("the Request button could not be pressed") from error
                raise
            return await self._answered(guard)

    async def _answered(self, guard: Guard) -> str:
        """Follow the page until it stands at a new trip."""
        late = asyncio.ensure_future(
            in_time(self._run, asyncio.Event().wait(), self._run.settings.answer_seconds)
        )
        try:
            while (what := await self._next(guard, late)) != "trip":
                if what not in self._asks or not self._is_own(self._page.url):
                    await self._heed(what, guard)
                place, yes = self._asks.pop(what)
                await self._check(what, place, guard)
                if guard.unanswered.is_set():
                    await self._heed("lost", guard)
                await self._say(yes)
        finally:
            late.cancel()
            await asyncio.gather(late, return_exceptions=True)
        return self._trip

    async def _say(self, yes: Locator) -> None:
        """Press what says yes; where it stays, it may be pressed for another question: never."""
        from playwright.async_api import Error
        from playwright.async_api import TimeoutError as GaveUp

        pressed = await yes.element_handle()
        assert pressed is not None
        await pressed.click(timeout=_PRESS_MS)
        with suppress(Error):  # the page is gone, and it with it
            try:
                await pressed.wait_for_element_state("hidden", timeout=_PRESS_MS)
            except GaveUp:
                self._asks.clear()

    async def _next(self, guard: Guard, late: asyncio.Future[bool]) -> str:
        """What happens next: the first of these words that has come true.

        Raises:
            NotStarted: nothing happens, and nothing went out.
        """
        page = self._page
        no = page.locator(_ALERT).filter(has_text=_NO).first
        waits: dict[str, asyncio.Future[Any]] = {
            "trip": asyncio.ensure_future(moves.stands(page, self._is_new)),
            "refused": asyncio.ensure_future(guard.refused.wait()),
            "lost": asyncio.ensure_future(guard.unanswered.wait()),
            **{
                what: asyncio.ensure_future(place.wait_for(timeout=0))
                for what, (place, _) in self._asks.items()
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
        """Hold what the app asks to the limit; where it is above, nothing more gets out."""
        text = await place.inner_text() if what == "fare" else await place.evaluate(_AROUND)
        shown = fares.amounts(str(text))
        if what == "fare" and not shown:
            shown = [""]
        try:
            for amount in shown:
                self._limit.check(amount)
        except TaskFailed as above:
            guard.shut()
            if guard.unanswered.is_set():
                raise
            raise Declined(str(above)) from None

    async def _heed(self, what: str, guard: Guard) -> None:
        """Raise what an end without a trip means."""
        if what == "refused" and guard.shut():
            raise NotStarted("the worker was away too long")
        said = await self._said()
        is_own = self._is_own(self._page.url)
        if what == "no" and is_own and not guard.unanswered.is_set() and _NO.search(said):
            raise Declined(said.removeprefix(": "))
        raise TaskFailed(f"the ride was requested, but its answer did not come{said}")

    async def _said(self) -> str:
        """What the page says in its alerts, after a colon."""
        from playwright.async_api import Error

        texts: list[str] = []
        with suppress(Error):
            texts = await self._page.locator(_ALERT).all_inner_texts()
        said = "; ".join(dict.fromkeys(filter(None, map(clean, texts))))
        return f": {said}" if said else ""


def _is_true(wait: asyncio.Future[Any]) -> bool:
    return wait.done() and not wait.cancelled() and wait.exception() is None
