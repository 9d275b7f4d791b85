"""What a shop lays over its pages: put aside as a person would, without taking it up.

Cookies are declined, newsletters and "go to your country's store" are closed. A link is never
followed: it would leave.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

_PRESS_MS = 500
_IN_VAIN = 3
"""So often a way out of a page is tried: a chat's window may stay whatever is pressed."""

_DECLINE_COOKIES = "#shopify-pc__banner__btn-decline:visible"
_DIALOG = ':is([role="dialog"], [role="alertdialog"], [aria-modal="true"], dialog[open]):visible'
# The cart that slides in after adding is a dialog as well: what leads to the checkout stays.
_LEADS_ON = '[name="checkout"], a[href*="/checkout"]'
_STAYS = ':not([href]), [href^="#"], [href^="javascript:"]'
# A name such as "Close", "Close dialog 1", "No thanks"; not "Close and go to the German store".
_CLOSE = re.compile(
    r"^\W*(close|dismiss|no,? thanks|schließen|fermer|cerrar|chiudi|sluiten)( \w+){0,2}\W*$",
    re.IGNORECASE,
)


async def put_aside(page: Page) -> None:
    """From now on, whatever lies over *page* when something is to be done there is put aside."""
    press = _presser()
    for way_out in _ways_out(page):
        # Without waiting for it to be gone: what lies beneath another goes after that one.
        await page.add_locator_handler(way_out, press, no_wait_after=True)


async def leave_alone(page: Page) -> None:
    """From now on nothing is put aside: a dialog over the payment is the bank's."""
    for way_out in _ways_out(page):
        await page.remove_locator_handler(way_out)


def _ways_out(page: Page) -> tuple[Locator, ...]:
    dialog = page.locator(_DIALOG).filter(has_not=page.locator(_LEADS_ON))
    close = dialog.get_by_role("button", name=_CLOSE).and_(page.locator(_STAYS))
    return page.locator(_DECLINE_COOKIES), close.first


def _presser() -> Callable[[Locator], Awaitable[None]]:
    """What presses a way out; one that stays all the same is left, and nothing ends the order."""
    in_vain: Counter[tuple[str, str]] = Counter()

    async def press(way_out: Locator) -> None:
        from playwright.async_api import Error

        try:
            place = urlsplit(way_out.page.url).path
            name = place, await way_out.evaluate("e => e.outerHTML", timeout=_PRESS_MS)
            if in_vain[name] < _IN_VAIN:
                await _press(way_out)
                in_vain[name] += await way_out.is_visible()
        except Error:
            return

    return press


async def _press(way_out: Locator) -> None:
    from playwright.async_api import Error

    try:
        await way_out.click(timeout=_PRESS_MS)
    except Error:
        # Beneath another one: its script hears of the click all the same.
        await way_out.dispatch_event("click", timeout=_PRESS_MS)
