"""The last look before paying: what is bought, and how many."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from taskq.clean import clean
from taskq.errors import TaskFailed

if TYPE_CHECKING:
    from playwright.async_api import Page

    from taskq.handlers.shopify.cart import Held

_ROWS = '[role="row"]:not(:has([role="columnheader"]))'
_CELL = '[role="cell"]'
_NUMBER = re.compile(r"\d+")


async def check(page: Page, held: Held) -> None:
    """See that the order summary holds what the cart held, and nothing else.

    Raises:
        TaskFailed: it holds something else, or does not say.
    """
    rows = page.get_by_role("table").first.locator(_ROWS)
    texts = [clean(text) for text in await rows.all_inner_texts()]
    if not texts:
        raise TaskFailed("the checkout does not show what is being bought; nothing was paid")
    if len(texts) > 1:
        raise TaskFailed(f"the checkout holds {len(texts)} things, not one; nothing was paid")
    if not all(word.casefold() in texts[0].casefold() for word in (held.title, *held.values)):
        said = " ".join((held.title, *held.values))
        raise TaskFailed(f"the checkout holds {texts[0]}, not {said}; nothing was paid")
    # The number is the badge on the picture: elsewhere in the row stand sizes and prices.
    badge = _NUMBER.search(await rows.first.locator(_CELL).first.inner_text())
    if badge is None or int(badge.group()) != held.quantity:
        count = badge.group() if badge else "an unknown number"
        raise TaskFailed(f"the checkout holds {count} of it, not {held.quantity}; nothing was paid")
