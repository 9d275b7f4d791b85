"""The checkout: opened, gone through page by page, its total read; in one page or in three."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urljoin, urlsplit

from taskq.clean import clean
from taskq.errors import TaskFailed
from taskq.handlers.shopify import address, gates, money
from taskq.handlers.shopify.money import Money
from taskq.handlers.shopify.patience import or_fail
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Locator, Page

ERRORS = '[id^="error-for-"]:visible'
BANNER = "#PaymentErrorBanner:visible, .notice--error:visible"
_ALERT = '[role="alert"]:visible, .notice--error:visible'

# Rates and taxes arrive when they arrive: settled is what reads the same three times, 50 ms apart.
# A page that asks for the address, or for the way of shipping, has to show the ways before that.
_SETTLED = """state => {
  const shown = selector => [...document.querySelectorAll(selector)].some(e => e.offsetParent);
  const asks = shown('[autocomplete="shipping address-line1"]:not([aria-hidden="true"])')
    || ['shipping', 'shipping_method'].includes(new URL(location.href).searchParams.get('step')
      ?? location.pathname.split('/').pop());
  const ways = document.querySelector('#shipping_methods, [name="checkout[shipping_rate][id]"]');
  const tables = [...document.querySelectorAll('[role="table"]')];
  const reading = tables.map(e => e.innerText).join();
  const busy = shown('[aria-busy="true"]');
  state.same = reading && reading === state.reading && !busy ? (state.same || 0) + 1 : 0;
  state.reading = reading;
  return shown('[id^="error-for-"]') || ((ways || !asks) && state.same >= 2);
}"""

# The pages before the last: by the name in their path today, by their query in older shops.
_BEFORE_LAST = {"information", "shipping", "contact_information", "shipping_method"}
_OWN_FIELDS = """[autocomplete^="shipping "]:not([aria-hidden="true"]), #shipping_methods,
[name="checkout[shipping_rate][id]"]"""
_FORM_MS = 2_000
_GONE = re.compile(r"out of stock|sold out|no longer available", re.IGNORECASE)
_PAY_NOW = re.compile(r"\b(pay now|(complete|place) (my )?(order|purchase))\b", re.IGNORECASE)


async def opened(run: Run[Any]) -> None:
    """Go to the checkout of what is in the cart.

    Raises:
        TaskFailed: there is no way to it, or what was in the cart is gone meanwhile.
    """
    page = run.page
    with or_fail("the checkout did not open in 30 s"):
        await gates.through(run, urljoin(page.url, "/checkout"))
        path = urlsplit(page.url).path
        if "/checkouts/" not in path and not path.startswith("/checkouts"):
            raise TaskFailed("the store did not open a checkout")
        email = address.field(page, "email")
        await email.or_(page.locator(_ALERT)).first.wait_for()
        if not await email.count():
            await _heed_alert(page, email)


async def _heed_alert(page: Page, email: Locator) -> None:
    """Fail with what the checkout says, unless its form comes all the same."""
    from playwright.async_api import TimeoutError as GaveUp

    try:
        await email.wait_for(timeout=_FORM_MS)
    except GaveUp:
        text = await said(page, _ALERT)
        is_gone = _GONE.search(text) or urlsplit(page.url).path.endswith("/stock_problems")
        raise TaskFailed(f"sold out at checkout: {text}" if is_gone else text) from None


async def go_on(page: Page) -> None:
    """Go on to the checkout's next page, where it has several; the last one's button pays.

    Raises:
        TaskFailed: the page does not let us on, in its own words.
    """
    before = _name_of(page.url)
    if before not in _BEFORE_LAST:
        return
    with or_fail("the checkout did not go on to its next page in 30 s"):
        button = await _continue_button(page)
        text = await button.inner_text()
        if _PAY_NOW.search(text) or await page.locator("#checkout-pay-button").count():
            raise TaskFailed("the checkout would pay too early; nothing was paid")
        await button.click()
        await page.wait_for_function(_MOVED_ON, arg=before)
    await raise_errors(page, f"{ERRORS}, {BANNER}")


async def _continue_button(page: Page) -> ElementHandle:
    """The one button that leads on: beside it may stand wallets, which would pay."""
    known = page.locator("#continue_button")
    if not await known.count():
        form = page.locator("form").filter(has=page.locator(_OWN_FIELDS))
        known = form.locator('button[type="submit"]:not([aria-hidden="true"]):visible')
    if await known.count() != 1:
        raise TaskFailed("the checkout does not show which button leads on; nothing was paid")
    return await known.element_handle()


async def settled(page: Page) -> None:
    """Wait until shipping methods and taxes have settled.

    Raises:
        TaskFailed: the page's own error, or no shipping method.
    """
    state = await page.evaluate_handle("() => ({})")
    with or_fail("no shipping method was offered for this address in 30 s"):
        await page.wait_for_function(_SETTLED, arg=state, polling=50)
    await raise_errors(page)


async def total(page: Page) -> Money:
    """The total, once it has settled.

    Raises:
        TaskFailed: see `settled`; or there is no total to be read.
    """
    await settled(page)
    rows = page.get_by_role("table").get_by_role("row").filter(has_text="Total")
    # The label beside it may hold an amount as well: "Including £20.00 in taxes".
    cells = rows.last.locator('[role="cell"], td')
    found = money.parse(await cells.last.inner_text()) if await cells.count() else None
    if found is None:
        raise TaskFailed("the checkout shows no total; nothing was paid")
    return found


async def pay_button(page: Page) -> Locator:
    """The one button that pays.

    Raises:
        TaskFailed: there is none.
    """
    by_name = page.locator("form").get_by_role("button", name=_PAY_NOW)
    for button in (page.locator("#checkout-pay-button"), page.locator("#continue_button"), by_name):
        if await button.count():
            return button.first
    raise TaskFailed("the checkout has no Pay button; nothing was paid")


async def raise_errors(page: Page, places: str = ERRORS) -> None:
    """Fail with what the page says of its fields, in its own words."""
    if text := await said(page, places):
        raise TaskFailed(text)


async def said(page: Page, places: str) -> str:
    """What the page says in *places*, each thing once."""
    texts = [clean(text) for text in await page.locator(places).all_inner_texts()]
    return "; ".join(dict.fromkeys(filter(None, texts)))


_MOVED_ON = """before => {
  const url = new URL(location.href);
  const name = url.searchParams.get('step') ?? url.pathname.split('/').pop();
  const failed = [...document.querySelectorAll('[id^="error-for-"], .notice--error')];
  return document.readyState !== 'loading' && (name !== before || failed.some(e => e.offsetParent));
}"""


def _name_of(url: str) -> str:
    """What a page of the checkout is called in its address."""
    parts = urlsplit(url)
    return parse_qs(parts.query).get("step", [parts.path.rpartition("/")[2]])[0]
