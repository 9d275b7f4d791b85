"""One click is one POST: the guard around the payment.

Chromium sends a POST again, by itself and unseen, when a reused connection closes before the
answer. From the intent to the answer every request to the page's own site that is not a plain read
therefore goes out once, through Playwright's own client, which sends nothing twice. And none goes
out to any site once the lease is over: a worker that was frozen in the middle wakes up to find the
way closed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from taskq.errors import NotStarted, TaskFailed
from taskq.ids import token

if TYPE_CHECKING:
    from playwright.async_api import Page, Request, Response, Route

_ANSWER_MS = 120_000
_NEVER = re.compile(r"never:^")
_PROBES = 20
_ASK = "url => fetch(url, {method: 'HEAD'}).then(() => null, () => null)"
_READS = {"GET", "HEAD", "OPTIONS"}
_BEACON = "ping"
"""Sent to be counted and forgotten: the page never sees its answer, so it is no payment."""


class Guard:
    """The one way out of a page, and what became of what went that way.

    *sent*: something left after the press. *refused*: the page wanted to send something when it
    was no longer allowed to. *unanswered*: the answer did not come, or says nothing (a 5xx).
    """

    def __init__(self, host: str, may_send: Callable[[], bool], ways: Ways) -> None:
        self.sent = asyncio.Event()
        self.refused = asyncio.Event()
        self.unanswered = asyncio.Event()
        self._site = site_of(host)
        self._may_send = may_send
        self._ways = ways
        self._is_pressed = False
        self._is_shut = False
        self._is_proven = False
        self._probe = ""
        self._under_way = 0
        self._landed = asyncio.Event()
        self._landed.set()

    async def prove(self, page: Page) -> None:
        """See with one plain read that what the page sends does come this way.

        Raises:
            TaskFailed: it does not; nothing was sent that could pay.
        """
        address = urlsplit(page.url)
        self._probe = f"{address.scheme}://{address.netloc}/?guarded={token(12)}"
        for _ in range(_PROBES):
            await page.evaluate(_ASK, self._probe)
            if self._is_proven:
                return
        raise TaskFailed("what the page sends cannot be watched; nothing was paid")

    def press(self) -> None:
        """From now on what is sent may be the payment; before the press it cannot be."""
        self._is_pressed = True

    @property
    def waits(self) -> bool:
        """Whether something that left after the press has no answer yet."""
        return self._under_way > 0

    async def landed(self) -> None:
        """Wait until everything that left after the press has its answer, or never will."""
        await self._landed.wait()

    def _left(self, number: int) -> None:
        self._under_way = max(0, self._under_way + number)
        if self._under_way:
            self._landed.clear()
        else:
            self._landed.set()

    def shut(self) -> bool:
        """Let nothing more out, for good; True if nothing ever went."""
        self._is_shut = True
        return not self.sent.is_set()

    def stop(self) -> None:
        """Shut because the worker was stopped.

        Raises:
            NotStarted: Pay was pressed and nothing went out, so nothing ever will.
        """
        if self.shut() and self._is_pressed:
            raise NotStarted("the worker was stopped") from None

    async def pass_once(self, route: Route) -> None:
        """Send the request once; hand its answer to the page, or abort it for good."""
        request = route.request
        if request.url == self._probe:
            self._is_proven = True
            await route.fulfill(status=HTTPStatus.NO_CONTENT)
            return
        if request.method in _READS or request.resource_type == _BEACON:
            await route.fallback()
            return
        if self._is_shut or not self._may_send():
            self._is_shut = True
            self.refused.set()
            await route.abort()
            return
        own = self._is_own(request)
        if self._is_pressed and (own or not self._ways.is_harmless(request.url)):
            self.sent.set()
        counts = own and self._is_pressed
        self._left(counts)
        if own and not self._ways.plainly:
            try:
                await self._fetch(route)
            finally:
                self._left(-counts)
        else:
            await route.fallback()

    async def _fetch(self, route: Route) -> None:
        from playwright.async_api import Error

        try:
            answer = await route.fetch(max_retries=0, max_redirects=0, timeout=_ANSWER_MS)
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                self.unanswered.set()  # it may have been charged all the same
            await route.fulfill(response=answer)
        except Error:
            self.unanswered.set()
            with suppress(Error):  # the page is gone, and its request with it
                await route.abort()

    def heed_end(self, request: Request) -> None:
        """Where Chromium sends by itself: a request is over, however it ended."""
        if self._is_pressed and self._is_charge(request):
            self._left(-1)

    def heed_answer(self, answer: Response) -> None:
        """Where Chromium sends by itself: an answer that says nothing."""
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and self._is_charge(answer.request):
            self.unanswered.set()

    def heed_failure(self, request: Request) -> None:
        """Where Chromium sends by itself: an answer that did not come."""
        if self._is_charge(request) and not self._is_shut:
            self.unanswered.set()

    def _is_charge(self, request: Request) -> bool:
        return request.method not in _READS and self._is_own(request)

    def _is_own(self, request: Request) -> bool:
        """Whether it goes to the checkout's own site, where the charge is made."""
        return site_of(urlsplit(request.url).hostname or "") == self._site


@dataclass(frozen=True)
class Ways:
    """How a shop's requests leave.

    *plainly* leaves the sending to Chromium, for shops that take Playwright's client for a
    stranger: it may send twice. *is_harmless* tells an address of another site to which no payment
    goes: what goes to any other is taken for one.
    """

    plainly: bool = False
    is_harmless: Callable[[str], bool] = lambda _url: False


async def arm(page: Page) -> None:
    """Make what is loaded from now on ready to be guarded.

    Chromium tells a document that its requests are watched when it begins; one that is already
    there hears of it late, and an Enter overtakes the news: measured, 1 press of 45 got past a
    guard that was set right before it.
    """
    await page.context.route(_NEVER, lambda route: route.fallback())


@asynccontextmanager
async def one_post(
    page: Page, may_send: Callable[[], bool], ways: Ways | None = None
) -> AsyncIterator[Guard]:
    """Guard what *page*, and any window it opens, sends, as long as they live.

    *may_send* is asked before each request: whether the lease holds. What goes to the page's own
    site goes out once. That the page is watched is seen before anything else (`arm` it before it
    loads).

    Where the block ends with an error nothing more gets out: what the page still wants to send
    must not happen behind a task that has said how it ended.
    """
    ways = ways or Ways()
    guard = Guard(urlsplit(page.url).hostname or "", may_send, ways)
    await page.context.route("**/*", guard.pass_once)
    await guard.prove(page)
    if ways.plainly:
        page.on("response", guard.heed_answer)
        page.on("requestfailed", guard.heed_failure)
        page.on("requestfailed", guard.heed_end)
        page.on("requestfinished", guard.heed_end)
    try:
        yield guard
    except asyncio.CancelledError:
        guard.stop()
        raise
    except BaseException:
        guard.shut()
        raise


def site_of(host: str) -> str:
    """What counts as one site: the last two labels, so rather too much than too little."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ".".join(host.lower().rstrip(".").split(".")[-2:])
