"""What a shop lays over its pages: put aside as a person would, without taking it up.

Cookies are declined, newsletters and "go to your country's store" are closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

_CLICK_MS = 500

_DECLINE_COOKIES = "#shopify-pc__banner__btn-decline:visible"
_DIALOG = ':is([role="dialog"], [role="alertdialog"], [aria-modal="true"], dialog[open]):visible'
# The cart that slides in after adding is a dialog as well: what leads to the checkout stays.
_LEADS_ON = '[name="checkout"], a[href*="/checkout"]'
_CLOSE = ", ".join(
    f'[aria-label*="{word}" i]:visible'
    for word in ("close", "dismiss", "schließen", "fermer", "cerrar", "chiudi", "sluiten")
)


async def put_aside(page: Page) -> None:
    """From now on, whatever lies over *page* when something is to be done there is put aside."""
    for way_out in _ways_out(page):
        # Without waiting for it to be gone: what lies beneath another goes after that one.
        await page.add_locator_handler(way_out, _press, no_wait_after=True)


async def leave_alone(page: Page) -> None:
    """From now on nothing is put aside: a dialog over the payment is the bank's."""
    for way_out in _ways_out(page):
        await page.remove_locator_handler(way_out)


def _ways_out(page: Page) -> tuple[Locator, ...]:
    dialog = page.locator(_DIALOG).filter(has_not=page.locator(_LEADS_ON))
    return page.locator(_DECLINE_COOKIES), dialog.locator(_CLOSE).first


async def _press(way_out: Locator) -> None:
    """Press it; one that cannot be pressed must not end the order."""
    from playwright.async_api import Error

    try:
        await way_out.click(timeout=_CLICK_MS)
    except Error:
        # Beneath another one: its script hears of the click all the same.
        await _tell(way_out)


async def _tell(way_out: Locator) -> None:
    from playwright.async_api import Error

    try:
        await way_out.dispatch_event("click", timeout=_CLICK_MS)
    except Error:
        return
