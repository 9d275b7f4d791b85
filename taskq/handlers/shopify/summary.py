"""The last look before paying: what is bought, how many, and where it goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from taskq.clean import clean
from taskq.errors import TaskFailed

if TYPE_CHECKING:
    from playwright.async_api import Page

    from taskq.handlers.shopify.offer import Offer, Variant

_ROWS = '[role="table"] [role="row"]:has(img)'
_NUMBER = re.compile(r"(?<![\d.,$€£])\b\d{1,3}\b(?![\d.,])")


async def check(page: Page, offered: Offer, variant: Variant, quantity: int) -> None:
    """See that the order summary holds so many of this variant, and nothing else.

    Raises:
        TaskFailed: it holds something else, or does not say.
    """
    rows = [clean(text) for text in await page.locator(_ROWS).all_inner_texts()]
    if not rows:
        raise TaskFailed("the checkout does not show what is being bought; nothing was paid")
    if len(rows) > 1:
        raise TaskFailed(f"the checkout holds {len(rows)} things, not one; nothing was paid")
    if not _names(rows[0], offered, variant):
        said = f"{offered.title} {'' if variant.is_only_one else variant.title}".strip()
        raise TaskFailed(f"the checkout holds {rows[0]}, not {said}; nothing was paid")
    count = _NUMBER.search(_without(rows[0], offered, variant))
    if count is None or int(count.group()) != quantity:
        held = count.group() if count else "an unknown number"
        raise TaskFailed(f"the checkout holds {held} of it, not {quantity}; nothing was paid")


def _names(row: str, offered: Offer, variant: Variant) -> bool:
    values = () if variant.is_only_one else variant.values
    plain = row.casefold()
    return all(word.casefold() in plain for word in (offered.title, *values))


def _without(row: str, offered: Offer, variant: Variant) -> str:
    """The row without the names in it, whose digits are no number of things."""
    for word in sorted((offered.title, variant.title, *variant.values), key=len, reverse=True):
        row = re.sub(re.escape(word), " ", row, flags=re.IGNORECASE)
    return row
