"""The card's bank, which may ask the card's owner before it pays (3-D Secure).

Only the owner can answer, at the window or in the bank's app; here it is waited for, no more.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskq.browser.guard import site_of
from taskq.errors import StoreFailed
from taskq.handlers.shopify import gates
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Frame, Page

# Banks pass through several pages by themselves; what asks a person stays.
_STAYS_SECONDS = 2.0
# The smallest window in which a bank may ask is 250 x 400; what counts visitors is smaller.
_SMALLEST = 200


async def patience(run: Run[Any]) -> None:
    """Wait as long as the answer to a payment may take; longer where the bank asks its owner."""
    settings = run.settings
    try:
        async with asyncio.timeout(settings.answer_seconds):
            await _asks(run.page)
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
    await gates.in_time(run, asyncio.Event().wait(), seconds)


async def _asks(page: Page) -> None:
    """Return once the page, or a frame that came over it, is a bank's and stays."""
    shop, before = _site(page.url), set(page.frames)
    navigated: asyncio.Queue[Frame] = asyncio.Queue()
    page.on("framenavigated", navigated.put_nowait)
    try:
        while True:
            frame = await navigated.get()
            if frame is not page.main_frame and frame in before:
                continue
            if not await _is_shown_by_another(frame, shop):
                continue
            with suppress(TimeoutError):
                navigated.put_nowait(await asyncio.wait_for(navigated.get(), _STAYS_SECONDS))
                continue
            if not frame.is_detached():
                return
    finally:
        page.remove_listener("framenavigated", navigated.put_nowait)


async def _is_shown_by_another(frame: Frame, shop: str) -> bool:
    """Whether a person sees it, and it is not the shop's."""
    from playwright.async_api import Error

    if not frame.url.startswith("http") or _site(frame.url) == shop:
        return False
    if frame.parent_frame is None:
        return True
    try:
        element = await frame.frame_element()
        await element.wait_for_element_state("visible", timeout=_STAYS_SECONDS * 1000)
        box = await element.bounding_box()
    except Error:
        return False
    return box is not None and min(box["width"], box["height"]) >= _SMALLEST


def _site(url: str) -> str:
    return site_of(urlsplit(url).hostname or "")
