"""Logging in at a window, and telling whether a page belongs to somebody who is logged in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from taskq.browser.chromium import Chromium
from taskq.errors import NotSetUp

if TYPE_CHECKING:
    from playwright.async_api import Page

_KEEP_SECONDS = 5.0
_SETTLE_MS = 5000.0
_UNAUTHORIZED = {401, 403}
_SERVER_ERROR = 500

# A part of a path, or of a host's name, that is where people log in, and nowhere else.
_LOGIN = re.compile(
    r"(log[-_]?(in|on)|sign[-_]?(in|on)|auth|oauth2?|authenticate|authorize|identity|identify"
    r"|sso)(\.\w+)?",
    re.IGNORECASE,
)

_INVITES = re.compile(r"^\W*(log|sign)[- ]?(in|on)\W*$", re.IGNORECASE)
"""What a page offers to strangers, in its header, say."""


async def state_of(page: Page) -> Mapping[str, Any]:
    """What the browser keeps of the login: cookies, and the storage of every site it saw.

    Raises:
        playwright's Error, TimeoutError: the browser does not answer (any more).
    """
    async with asyncio.timeout(_KEEP_SECONDS):
        return cast("Mapping[str, Any]", await page.context.storage_state(indexed_db=True))


async def at_a_window(
    chromium: Chromium, url: str, state: Mapping[str, Any] | None, done: asyncio.Event
) -> tuple[Mapping[str, Any], str]:
    """Open *url* in a window for a person to log in; the state and where the window was then.

    It ends when *done* is set, or when the person closes the last window.

    Raises:
        NotSetUp: the browser was gone before the login could be read.
    """
    from playwright.async_api import Error

    async with chromium.page(state) as page:
        context = page.context

        def look(opened: Page) -> None:
            opened.on("close", lambda _: done.set() if not context.pages else None)

        context.on("page", look)
        look(page)
        with suppress(Error):  # what does not load is shown by the window itself
            await page.goto(url)
        await done.wait()
        try:
            return await state_of(page), page.url
        except (Error, TimeoutError):
            raise NotSetUp(
                "The browser was gone before the login could be read. Once more, and press Enter "
                "here while its window is open"
            ) from None


async def is_logged_in(page: Page, url: str) -> bool:
    """Whether *url*, opened in *page*, is shown to somebody who is logged in.

    Raises:
        NotSetUp: the site does not answer.
    """
    from playwright.async_api import Error

    try:
        response = await page.goto(url)
        with suppress(Error):  # a page that never rests has shown what it is by then
            await page.wait_for_load_state("networkidle", timeout=_SETTLE_MS)
        invites = page.get_by_role("link", name=_INVITES).or_(
            page.get_by_role("button", name=_INVITES)
        )
        shown = page.locator('input[type="password"]').or_(invites).filter(visible=True)
        asks = is_login_page(page.url) or await shown.count() > 0
    except Error as error:
        reason = error.message.strip().splitlines()[0].partition(" at ")[0]
        raise NotSetUp(f"{urlsplit(url).hostname} does not answer: {reason}") from None
    if response is not None and response.status >= _SERVER_ERROR:
        raise NotSetUp(f"{urlsplit(url).hostname} does not answer: error {response.status}")
    return not asks and (response is None or response.status not in _UNAUTHORIZED)


def is_login_page(url: str) -> bool:
    """Whether *url* is where a site sends people to log in, as far as an address can tell."""
    parts = urlsplit(url)
    labels = (parts.hostname or "").split(".")[:-2]
    return any(_LOGIN.fullmatch(part) for part in [*parts.path.split("/"), *labels])
