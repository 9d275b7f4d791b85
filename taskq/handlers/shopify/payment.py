"""The one payment: pressed once, answered once, looked for when the answer is lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskq.browser import evidence, moves
from taskq.browser.guard import Guard, Ways, one_post, site_of
from taskq.errors import Declined, NotStarted, TaskFailed
from taskq.handlers.shopify import bank, card, checkout, nuisances
from taskq.handlers.shopify.patience import or_fail
from taskq.plan import Step
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Page

    from taskq.handlers.shopify.money import Money

_REACTION_SECONDS = 10.0
_NUMBER_MS = 10_000

_SHOPIFYS = {"myshopify.com", "shopify.com"}
_PLACED = re.compile(r"/thank[-_]you|/orders/")
_ORDER = re.compile(r"Order\s*#\s*(\w+)")
_CONFIRMATION = re.compile(r"Confirmation\s*#?\s*([A-Z0-9]{6,12})")
_NO = f"{checkout.BANNER}, {checkout.ERRORS}"
"""Where a page says no."""

# A definite no, in the checkout's own words; whatever else it says leaves it unknown.
_DECLINES = (
    "was declined",
    "card has expired",
    "There was an issue processing your payment",
    "couldn\u2019t be verified",
    "couldn't be verified",
    "doesn\u2019t accept",
    "doesn't accept",
    "can\u2019t accept real",
    "can't accept real",
    "order total has changed",
    "sold out",
    "out of stock",
)


async def pay(run: Run[Any], step: Step, total: Money) -> dict[str, Any]:
    """Press Pay once, under the guard, and wait for the page's own answer.

    Raises:
        NotStarted: nothing left the browser.
        Declined: the page says that nothing was charged.
        TaskFailed: nobody knows; what the worker then does is look for the order.
    """
    page = run.page
    with or_fail("the Pay button cannot be pressed; nothing was paid"):
        # What stands there before the press must not be taken for its answer.
        await checkout.raise_errors(page, _NO)
        button = await checkout.pay_button(page)
        await asyncio.gather(
            card.settled(), _remember(run), button.click(trial=True), _still(page, total)
        )
        await nuisances.leave_alone(page)
        await button.focus()
    shop = urlsplit(page.url).netloc
    ways = Ways(
        plainly=urlsplit(page.url).hostname in run.settings.unguarded,
        is_harmless=lambda url: card.is_card_host(url, page.url),
    )
    async with one_post(page, run.lease.holds, ways) as guard:
        await run.step(step, shop=shop, product=run.params.product_url, total=str(total))
        run.must_act_now()
        there_was = bank.before(page)
        guard.press()
        # By keyboard: a mouse click can land in a card frame when the page shifts beneath it.
        await page.keyboard.press("Enter")
        await _answer(page, guard, bank.patience(run, there_was))
    run.card_is_on_page = False
    return await _receipt(run)


async def find_order(run: Run[Any]) -> dict[str, Any] | None:
    """Look whether the order is there: a paid checkout turns into its thank-you page."""
    kept = run.folder.read_verify()
    if kept is None:
        return None
    context = run.page.context
    # Those of a saved login are newer: a site may have renewed them since.
    there = {_place(cookie) for cookie in await context.cookies()}
    await context.add_cookies([each for each in kept["cookies"] if _place(each) not in there])
    await run.page.goto(kept["checkout"], wait_until="domcontentloaded")
    return await _receipt(run) if _is_placed(run.page.url, kept["checkout"]) else None


def _place(cookie: Mapping[str, Any]) -> tuple[str, ...]:
    return cookie["name"], cookie["domain"], cookie["path"]


async def _still(page: Page, total: Money) -> None:
    """See that it still comes to *total*: prices may change while a card is typed."""
    now = await checkout.total(page)
    if now != total:
        raise TaskFailed(f"the total changed from {total} to {now}; nothing was paid")


def _is_placed(url: str, checkout_url: str) -> bool:
    """Whether the page at *url* is the shop's own that thanks for an order: no bank's, say."""
    return _is_own(url, checkout_url) and _PLACED.search(urlsplit(url).path) is not None


def _is_own(url: str, checkout_url: str) -> bool:
    """Whether the page at *url* is the shop's own, or Shopify's for it."""
    there, ours = (urlsplit(each).hostname or "" for each in (url, checkout_url))
    return site_of(there) in {site_of(ours), *_SHOPIFYS}


async def _remember(run: Run[Any]) -> None:
    """Keep what is needed to look for the order later, before there can be one."""
    cookies = await run.page.context.cookies()
    run.folder.write_verify({"checkout": run.page.url, "cookies": cookies})


async def _answer(page: Page, guard: Guard, patience: Awaitable[None]) -> None:
    """Wait until the page says placed or declined, as long as *patience* lasts."""
    checkout_url = page.url
    placed = asyncio.ensure_future(moves.stands(page, lambda url: _is_placed(url, checkout_url)))
    said = asyncio.ensure_future(_says_no(page, checkout_url))
    late = asyncio.ensure_future(patience)
    lost = asyncio.ensure_future(guard.unanswered.wait())
    refused = asyncio.ensure_future(guard.refused.wait())
    sent = asyncio.ensure_future(guard.sent.wait())
    waits: set[asyncio.Future[Any]] = {placed, said, late, lost, refused}
    try:
        await asyncio.wait(
            {*waits, sent}, timeout=_REACTION_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        reacted = sent.done() or placed.done() or said.done()
        if (refused.done() or not reacted) and guard.shut():
            raise NotStarted(
                "the worker was away too long"
                if refused.done()
                else "the page did not react to the Pay button"
            )
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in (*waits, sent):
            wait.cancel()
        await asyncio.gather(*waits, sent, return_exceptions=True)
    if placed.done() and not placed.cancelled() and placed.exception() is None:
        return
    if late.done() and not late.cancelled():
        late.result()  # the task may be somebody else's by now
    await _heed(page, guard, checkout_url)


async def _says_no(page: Page, checkout_url: str) -> None:
    """Wait until the shop's own page says no: what a bank says meanwhile is between it and us."""
    while True:
        await moves.stands(page, lambda url: _is_own(url, checkout_url))
        await page.locator(_NO).first.wait_for(timeout=0)
        if _is_own(page.url, checkout_url):
            return


async def _heed(page: Page, guard: Guard, checkout_url: str) -> None:
    """Raise what the page's error means."""
    if not guard.unanswered.is_set() and _is_own(page.url, checkout_url):
        text = await checkout.said(page, _NO)
        # Of an error that came before anything was sent the guard makes sure that it is the last
        # word; the card's definite no is one whatever was sent.
        is_own = _is_own(page.url, checkout_url)  # still, now that it was read
        if text and is_own and (any(words in text for words in _DECLINES) or guard.shut()):
            raise Declined(text)
    raise TaskFailed("the payment was sent, but its answer did not come")


async def _receipt(run: Run[Any]) -> dict[str, Any]:
    """What the thank-you page says, as soon as it says it."""
    from playwright.async_api import Error

    thanks = run.page.get_by_text(_ORDER).or_(run.page.get_by_text(_CONFIRMATION))
    with suppress(Error):  # it thanks without a number
        await thanks.first.wait_for(timeout=_NUMBER_MS)
    await evidence.picture(run, "thank-you", whole=False)
    text = await run.page.locator("body").inner_text()
    order, confirmation = _ORDER.search(text), _CONFIRMATION.search(text)
    found = {"confirmation": confirmation.group(1)} if confirmation else {}
    return {"order": order.group(1) if order else found.get("confirmation"), **found}
