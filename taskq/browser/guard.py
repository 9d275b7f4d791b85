"""One click is one POST: the guard around the payment.

Chromium sends a POST again, by itself and unseen, when a reused connection closes before the
answer. From the intent to the answer every request of the page's site that is not a plain read
therefore goes out once, through Playwright's own client, which sends nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

_ANSWER_MS = 120_000
_READS = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """The one way out of a page: whether anything was *sent*, whether it is *unanswered*."""

    def __init__(self, host: str) -> None:
        self.sent = asyncio.Event()
        self.unanswered = asyncio.Event()
        self._host = host
        self._is_shut = False

    def shut(self) -> bool:
        """Let nothing more out, for good; True if nothing ever went."""
        self._is_shut = True
        return not self.sent.is_set()

    async def pass_once(self, route: Route) -> None:
        """Send the request once; hand its answer to the page, or abort it for good."""
        from playwright.async_api import Error

        request = route.request
        if request.method in _READS or urlsplit(request.url).hostname != self._host:
            await route.fallback()
            return
        if self._is_shut:
            await route.abort()
            return
        self.sent.set()
        try:
            answer = await route.fetch(max_retries=0, max_redirects=0, timeout=_ANSWER_MS)
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                self.unanswered.set()  # it may have been charged all the same
            await route.fulfill(response=answer)
        except Error:
            self.unanswered.set()
            await route.abort()


@asynccontextmanager
async def one_post(page: Page) -> AsyncIterator[Guard]:
    """Guard every request of *page*'s site that is not a plain read, as long as the page lives.

    Where the block ends with an error nothing more gets out: what the page still wants to send
    must not happen behind a task that has said how it ended.
    """
    guard = Guard(urlsplit(page.url).hostname or "")
    await page.route("**/*", guard.pass_once)
    try:
        yield guard
    except BaseException:
        guard.shut()
        raise
