"""The card's bank, which may ask the card's owner before it pays (3-D Secure).

Only the owner can answer, at the window or in the bank's app; here it is waited for, no more.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskq.browser.guard import site_of
from taskq.browser.patience import in_time
from taskq.errors import StoreFailed
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Frame, Page

# Banks pass through several pages by themselves; what asks a person stays.
_STAYS_SECONDS = 2.0
_LOOK_EVERY = 0.5
# The smallest window in which a bank may ask is 250 x 400; what counts visitors is smaller.
_SMALLEST = 200


@dataclass(frozen=True)
class Before:
    """What there was before Pay was pressed: the shop's site, its frames and where they stood."""

    shop: str
    frames: frozenset[tuple[Frame, str]]


def before(page: Page) -> Before:
    """Note what there is, so that what comes after is told from it."""
    return Before(_site(page.url), frozenset((frame, frame.url) for frame in page.frames))


async def patience(run: Run[Any], there_was: Before) -> None:
    """Wait as long as the answer to a payment may take; longer where the bank asks its owner."""
    settings = run.settings
    try:
        async with asyncio.timeout(settings.answer_seconds):
            await _asks(run.page, there_was)
    except TimeoutError:
        return
    # That it cannot be told is no reason to stop waiting.
    with suppress(StoreFailed):
        if settings.headed:
            await run.page.bring_to_front()
            await run.step("Waiting for you: confirm the payment with your bank")
        else:
            await run.step("The bank asks the card's owner to confirm")
    seconds = settings.person_seconds if settings.headed else settings.answer_seconds
    await in_time(run, asyncio.Event().wait(), seconds)


async def _asks(page: Page, there_was: Before) -> None:
    """Return once the page, or a frame over it, is another's, is seen, and stays so."""
    since: dict[tuple[Frame, str], float] = {}
    while True:
        now = asyncio.get_running_loop().time()
        shown = [
            (frame, frame.url)
            for frame in page.frames
            if (frame, frame.url) not in there_was.frames
            and await _is_shown_by_another(frame, there_was.shop)
        ]
        since = {each: since.get(each, now) for each in shown}
        if any(now - seen >= _STAYS_SECONDS for seen in since.values()):
            return
        # A frame that is shown tells nobody; the page is asked now and then.
        await asyncio.sleep(_LOOK_EVERY)


async def _is_shown_by_another(frame: Frame, shop: str) -> bool:
    """Whether a person sees it, and it is not the shop's."""
    from playwright.async_api import Error

    if not frame.url.startswith("http") or _site(frame.url) == shop:
        return False
    if frame.parent_frame is None:
        return True
    try:
        element = await frame.frame_element()
        box = await element.bounding_box() if await element.is_visible() else None
    except Error:
        return False
    return box is not None and min(box["width"], box["height"]) >= _SMALLEST


def _site(url: str) -> str:
    return site_of(urlsplit(url).hostname or "")
