"""What a shop lays over its pages: put aside as a person would, without taking it up.

Cookies are declined, newsletters and "go to your country's store" are closed. A link is never
followed: it would leave.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from taskq.browser import aside

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

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
    await aside.put_aside(page, _ways_out(page))


async def leave_alone(page: Page) -> None:
    """From now on nothing is put aside: a dialog over the payment is the bank's."""
    await aside.leave_alone(page, _ways_out(page))


def _ways_out(page: Page) -> tuple[Locator, ...]:
    dialog = page.locator(_DIALOG).filter(has_not=page.locator(_LEADS_ON))
    close = dialog.get_by_role("button", name=_CLOSE).and_(page.locator(_STAYS))
    return page.locator(_DECLINE_COOKIES), close.first
