"""What the app lays over its pages: cookies are declined, offers closed, until the request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

_DECLINE = re.compile(r"^(opt out|decline|reject( all)?)$", re.IGNORECASE)
_SEEN = re.compile(r"^got it$", re.IGNORECASE)
_CLOSE = re.compile(r"^\W*(close|dismiss|no,? thanks|not now|maybe later|skip)\W*$", re.IGNORECASE)
_DIALOG = ':is([role="dialog"], [aria-modal="true"], dialog[open]):visible'
# What is asked in them is what we came for: the way to pay, the time of pickup.
_ASKS = "input, select, [role=radio], [role=option]"


def ways_out(page: Page) -> tuple[Locator, ...]:
    """What is pressed away when it is in the way; the decline first, which takes the bar along."""
    offer = page.locator(_DIALOG).filter(has_not=page.locator(_ASKS))
    return (
        page.get_by_role("button", name=_DECLINE).first,
        page.get_by_role("button", name=_SEEN).first,
        offer.get_by_role("button", name=_CLOSE).first,
    )
