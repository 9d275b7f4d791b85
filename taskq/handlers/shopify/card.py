"""The card: typed only into the card host's own frames, never into the page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskq.addresses import is_loopback
from taskq.browser import radios, trace
from taskq.errors import TaskFailed
from taskq.handlers.shopify.patience import or_fail
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

_CARD_HOSTS = {"checkout.pci.shopifyinc.com", "checkout.shopifycs.com"}
_SETTLE_SECONDS = 0.5

_FRAMES = 'iframe[name^="card-fields-number-"]'
_IN_PAGE = '[autocomplete="cc-number"]:not([aria-hidden="true"]):visible'
_CARD_WAY = '#basic-creditCards, input[name="basic"][value*="creditcard" i]'

_FIELDS = {"number": "number", "expiry": "expiry", "verification_value": "cvc", "name": "name"}


async def fill(run: Run[Any]) -> None:
    """Type the card, field by field, each into the frame that is made for it.

    Raises:
        TaskFailed: a frame is not there, or belongs to somebody else.
    """
    page = run.page
    with or_fail("the card's fields did not appear; nothing was paid"):
        await _choose_card(page)
        frames, own = page.locator(_FRAMES), page.locator(_IN_PAGE)
        await frames.or_(own).first.wait_for()
        if await own.count():
            raise TaskFailed(
                "the shop asks for the card in its own page, not in Shopify's frames; the card "
                "was not typed"
            )
        # One after the other: each wait may have to put something aside first.
        boxes = [await _box(page, field) for field in _FIELDS]
        await trace.keep(run)
        if run.traces:
            raise TaskFailed("the trace could not be ended; the card was not typed")
        run.card_is_on_page = True
        for box, of_card in zip(boxes, _FIELDS.values(), strict=True):
            await box.fill(getattr(run.card, of_card).get_secret_value())


async def _choose_card(page: Page) -> None:
    """Where there are several ways to pay, take the card."""
    way = page.locator(_CARD_WAY).first
    if await way.count():
        await radios.choose(way)


async def settled() -> None:
    """Wait for the frames to hand their values on: the page shows nothing to wait for."""
    await asyncio.sleep(_SETTLE_SECONDS)


async def _box(page: Page, field: str) -> Locator:
    """The input for *field* in its own frame, if the frame is the card host's."""
    frame = page.locator(f'iframe[name^="card-fields-{field}-"]').first
    box = frame.content_frame.locator(f'input[name="{field}"]')
    await box.wait_for()
    handle = await frame.element_handle()
    content = await handle.content_frame()
    if content is None or not is_card_host(content.url, page.url):
        raise TaskFailed("the card's fields are not Shopify's own; the card was not typed")
    return box


def is_card_host(url: str, shop_url: str) -> bool:
    """Whether *url* is where Shopify takes cards, for the shop at *shop_url*; or both are here."""
    frame, shop = urlsplit(url), urlsplit(shop_url)
    if is_loopback(shop.hostname or ""):
        return is_loopback(frame.hostname or "")
    return frame.scheme == "https" and frame.hostname in _CARD_HOSTS
