"""One click is one POST: the guard around the payment.

Chromium sends a POST again, by itself and unseen, when a reused connection closes before the
answer. From the intent to the answer every request to the page's site that is not a plain read
therefore goes out once, through Playwright's own client, which sends nothing twice. And none goes
out at all once the lease is over: a worker that was frozen in the middle wakes up to find the way
closed.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from taskq.errors import NotStarted

if TYPE_CHECKING:
    from playwright.async_api import Page, Request, Response, Route

_ANSWER_MS = 120_000
_READS = {"GET", "HEAD", "OPTIONS"}
_BEACON = "ping"
"""Sent to be counted and forgotten: the page never sees its answer, so it is no payment."""


class Guard:
    """The one way out of a page, and what became of what went that way.

    *sent*: something left after the press. *refused*: the page wanted to send something when it
    was no longer allowed to. *unanswered*: the answer did not come, or says nothing (a 5xx).
    """

    def __init__(self, host: str, may_send: Callable[[], bool], *, plainly: bool) -> None:
        self.sent = asyncio.Event()
        self.refused = asyncio.Event()
        self.unanswered = asyncio.Event()
        self._site = _site(host)
        self._may_send = may_send
        self._plainly = plainly
        self._is_pressed = False
        self._is_shut = False

    def press(self) -> None:
        """From now on what is sent may be the payment; before the press it cannot be."""
        self._is_pressed = True

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
        if not self._guards(route.request):
            await route.fallback()
            return
        if self._is_shut or not self._may_send():
            self._is_shut = True
            self.refused.set()
            await route.abort()
            return
        if self._is_pressed:
            self.sent.set()
        if self._plainly:
            await route.fallback()
        else:
            await self._fetch(route)

    async def _fetch(self, route: Route) -> None:
        from playwright.async_api import Error

        try:
            answer = await route.fetch(max_retries=0, max_redirects=0, timeout=_ANSWER_MS)
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                self.unanswered.set()  # it may have been charged all the same
            await route.fulfill(response=answer)
        except Error:
            self.unanswered.set()
            await route.abort()

    def heed_answer(self, answer: Response) -> None:
        """Where Chromium sends by itself: an answer that says nothing."""
        if self._guards(answer.request) and answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.unanswered.set()

    def heed_failure(self, request: Request) -> None:
        """Where Chromium sends by itself: an answer that did not come."""
        if self._guards(request) and not self._is_shut:
            self.unanswered.set()

    def _guards(self, request: Request) -> bool:
        return (
            request.method not in _READS
            and request.resource_type != _BEACON
            and _site(urlsplit(request.url).hostname or "") == self._site
        )


@asynccontextmanager
async def one_post(
    page: Page, may_send: Callable[[], bool], *, plainly: bool = False
) -> AsyncIterator[Guard]:
    """Guard what *page* sends to its own site, as long as the page lives.

    *may_send* is asked before each request: whether the lease holds. *plainly* leaves the sending
    to Chromium, for shops that take Playwright's client for a stranger: it may send twice.

    Where the block ends with an error nothing more gets out: what the page still wants to send
    must not happen behind a task that has said how it ended.
    """
    guard = Guard(urlsplit(page.url).hostname or "", may_send, plainly=plainly)
    await page.route("**/*", guard.pass_once)
    if plainly:
        page.on("response", guard.heed_answer)
        page.on("requestfailed", guard.heed_failure)
    try:
        yield guard
    except asyncio.CancelledError:
        guard.stop()
        raise
    except BaseException:
        guard.shut()
        raise


def _site(host: str) -> str:
    """What counts as one site: the last two labels, so rather too much than too little."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ".".join(host.lower().rstrip(".").split(".")[-2:])
