"""The one-page checkout: contact, address, shipping method, total."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from taskq.clean import clean
from taskq.errors import TaskFailed
from taskq.handlers.shopify import money
from taskq.handlers.shopify.money import Money
from taskq.handlers.shopify.patience import or_fail

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from taskq.profiles import Profile

ERRORS = '[id^="error-for-"]:visible'

# Rates and taxes arrive when they arrive: settled is what reads the same three times, 50 ms apart.
_SETTLED = """state => {
  const busy = [...document.querySelectorAll('[aria-busy="true"]')].some(e => e.offsetParent);
  const methods = document.querySelector('#shipping_methods');
  const failed = [...document.querySelectorAll('[id^="error-for-"]')].some(e => e.offsetParent);
  const tables = [...document.querySelectorAll('[role="table"]')];
  const reading = tables.map(e => e.innerText).join();
  state.same = reading && reading === state.reading && !busy ? (state.same || 0) + 1 : 0;
  state.reading = reading;
  return failed || (methods && state.same >= 2);
}"""


async def opened(page: Page) -> None:
    """Go to the checkout of what is in the cart."""
    with or_fail("the checkout did not open in 30 s"):
        await page.goto(urljoin(page.url, "/checkout"), wait_until="domcontentloaded")
        path = urlsplit(page.url).path
        if path.startswith("/account/login"):
            raise TaskFailed("the store requires an account")
        if path.startswith(("/challenge", "/checkpoint")):
            raise TaskFailed("the store asks to verify that a human is buying; it was left alone")
        if "/checkouts/" not in path:
            raise TaskFailed("the store did not open a checkout")
        await _field(page, "email").wait_for()


async def fill(page: Page, profile: Profile) -> None:
    """Fill contact and delivery address; country first, as it changes the other fields."""
    with or_fail("a field of the delivery address could not be filled"):
        await _field(page, "email").fill(profile.email)
        await _select(page, "country", profile.country)
        await _field(page, "given-name").fill(profile.first_name)
        await _field(page, "family-name").fill(profile.last_name)
        await _field(page, "address-line1").fill(profile.address1)
        await page.keyboard.press("Escape")  # a suggestion would overwrite city and postal code
        await _fill_if_there(page, "address-line2", profile.address2)
        await _field(page, "address-level2").fill(profile.city)
        await _select_if_there(page, "address-level1", profile.province)
        await _fill_if_there(page, "postal-code", profile.postal_code)
        await _fill_if_there(page, "tel", profile.phone)
        await page.keyboard.press("Tab")
        await _decline(page)


async def total(page: Page) -> Money:
    """The total once shipping and taxes have settled.

    Raises:
        TaskFailed: the page's own error, no shipping method, or no total to be read.
    """
    state = await page.evaluate_handle("() => ({})")
    with or_fail("no shipping method was offered for this address in 30 s"):
        await page.wait_for_function(_SETTLED, arg=state, polling=50)
    await raise_errors(page)
    rows = page.get_by_role("table").get_by_role("row").filter(has_text="Total")
    # The label beside it may hold an amount as well: "Including £20.00 in taxes".
    cells = rows.last.locator('[role="cell"], td')
    found = money.parse(await cells.last.inner_text()) if await cells.count() else None
    if found is None:
        raise TaskFailed("the checkout shows no total; nothing was paid")
    return found


async def check_address(page: Page, profile: Profile) -> None:
    """Read the address again: a suggestion, or the page's own script, may have changed it.

    Raises:
        TaskFailed: it is not the profile's.
    """
    meant = {
        "email": profile.email,
        "country": profile.country,
        "family-name": profile.last_name,
        "address-line1": profile.address1,
        "address-level2": profile.city,
        "address-level1": profile.province,
        "postal-code": profile.postal_code,
    }
    for token, text in meant.items():
        field = _field(page, token)
        if not text or not await field.count():
            continue
        stands = await field.input_value()
        if _bare(stands) != _bare(text):
            raise TaskFailed(f"the page changed {text} to {stands or 'nothing'}; nothing was paid")


async def raise_errors(page: Page, places: str = ERRORS) -> None:
    """Fail with what the page says of its fields, in its own words."""
    said = [clean(text) for text in await page.locator(places).all_inner_texts()]
    if said:
        raise TaskFailed("; ".join(dict.fromkeys(said)))


def _bare(text: str) -> str:
    return "".join(text.casefold().split())


def _field(page: Page, token: str) -> Locator:
    # Autofill clones carry the same tokens off screen: they are aria-hidden.
    return page.locator(f'[autocomplete="shipping {token}"]:not([aria-hidden="true"])').first


async def _decline(page: Page) -> None:
    """Untick what nobody asked for: newsletters, and keeping the address or the card."""
    ticked = page.locator(
        '#marketing_opt_in:checked, #save_shipping_information:checked, [name="RememberMe"]:checked'
    )
    for box in reversed(await ticked.all()):
        await box.uncheck()


async def _fill_if_there(page: Page, token: str, text: str) -> None:
    if text and await _field(page, token).count():
        await _field(page, token).fill(text)


async def _select_if_there(page: Page, token: str, code: str) -> None:
    if code and await _field(page, token).count():
        await _select(page, token, code)


async def _select(page: Page, token: str, code: str) -> None:
    field = _field(page, token)
    offered = await field.locator("option").evaluate_all("all => all.map(o => o.value)")
    if code not in offered:
        raise TaskFailed(f"the store does not ship to {code}")
    await field.select_option(value=code)
