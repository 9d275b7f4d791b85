"""The checkout's form: contact and delivery address, filled in and read again.

Fields are known by their autocomplete tokens, which are the same in every language and in the
checkout of one page as in that of three.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from taskq.errors import TaskFailed
from taskq.handlers.shopify.patience import or_fail

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from taskq.profiles import Profile

_UNTICK_MS = 2_000

# Newsletters, and keeping the address or the card: ticked by the shop, not by the buyer.
_UNASKED = ", ".join(
    f"{box}:checked:visible"
    for box in (
        "#marketing_opt_in",
        "#checkout_buyer_accepts_marketing",
        "#save_shipping_information",
        "#checkout_remember_me",
        '[name="RememberMe"]',
    )
)
# A country's or province's code is its value, or stands beside a value that is its name.
_CODES = "all => all.map(o => ({value: o.value, code: o.dataset.code ?? o.value}))"
_STANDS = """tokens => Object.fromEntries(tokens.map(token => {
  const e = document.querySelector(
    `[autocomplete="shipping ${token}"]:not([aria-hidden="true"])`);
  return [token, e && (e.selectedOptions?.[0]?.dataset.code ?? e.value)];
}))"""
_MUST = "e => e.required || e.ariaRequired === 'true'"


def field(page: Page, token: str) -> Locator:
    """The field of the delivery address that *token* names."""
    # Autofill clones carry the same tokens off screen: they are aria-hidden.
    return page.locator(f'[autocomplete="shipping {token}"]:not([aria-hidden="true"])').first


async def fill(page: Page, profile: Profile) -> None:
    """Fill contact and delivery address; country first, as it changes the other fields.

    Raises:
        TaskFailed: the shop does not ship there, or asks for what the profile does not say.
    """
    with or_fail("a field of the delivery address could not be filled"):
        await field(page, "email").fill(profile.email)
        await _select(page, "country", profile.country)
        await field(page, "given-name").fill(profile.first_name)
        await field(page, "family-name").fill(profile.last_name)
        await field(page, "address-line1").fill(profile.address1)
        await page.keyboard.press("Escape")  # a suggestion would overwrite city and postal code
        await _fill_if_there(page, "address-line2", profile.address2)
        await field(page, "address-level2").fill(profile.city)
        await _select_if_there(page, "address-level1", profile.province)
        await _fill_if_there(page, "postal-code", profile.postal_code)
        await _fill_phone(page, profile)
        await page.keyboard.press("Tab")
        await decline(page)


async def check(page: Page, profile: Profile) -> None:
    """Read the address again: a suggestion, or the page's own script, may have changed it.

    Raises:
        TaskFailed: it is not the profile's.
    """
    meant = {
        "email": profile.email,
        "country": profile.country,
        "given-name": profile.first_name,
        "family-name": profile.last_name,
        "address-line1": profile.address1,
        "address-line2": profile.address2,
        "address-level2": profile.city,
        "address-level1": profile.province,
        "postal-code": profile.postal_code,
    }
    stands = await page.evaluate(_STANDS, list(meant))
    for token, text in meant.items():
        if not text or stands[token] is None:
            continue
        if _bare(stands[token]) != _bare(text):
            changed = stands[token] or "nothing"
            raise TaskFailed(f"the page changed {text} to {changed}; nothing was paid")


def _bare(text: str) -> str:
    return "".join(text.casefold().split())


async def _fill_phone(page: Page, profile: Profile) -> None:
    asked = field(page, "tel").or_(field(page, "tel-national")).first
    if not await asked.count():
        return
    if profile.phone:
        await asked.fill(profile.phone)
    elif await asked.evaluate(_MUST):
        raise TaskFailed(
            "the shop asks for a phone number. Say it: taskq profile edit NAME --set phone=NUMBER"
        )


async def decline(page: Page) -> None:
    """Untick what nobody asked for, on whichever page of the checkout it is."""
    from playwright.async_api import Error

    for box in reversed(await page.locator(_UNASKED).all()):
        with suppress(Error):  # a newsletter is no reason to order nothing
            await box.uncheck(timeout=_UNTICK_MS)


async def _fill_if_there(page: Page, token: str, text: str) -> None:
    if text and await field(page, token).count():
        await field(page, token).fill(text)


async def _select_if_there(page: Page, token: str, code: str) -> None:
    if code and await field(page, token).count():
        await _select(page, token, code)


async def _select(page: Page, token: str, code: str) -> None:
    offered = await field(page, token).locator("option").evaluate_all(_CODES)
    value = next((each["value"] for each in offered if each["code"] == code), None)
    if value is None:
        raise TaskFailed(f"the store does not ship to {code}")
    await field(page, token).select_option(value=value)
