"""The way of shipping: the cheapest, or the one that was asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from taskq.browser import radios
from taskq.clean import clean
from taskq.errors import TaskFailed
from taskq.handlers.shopify import money
from taskq.handlers.shopify.patience import or_fail

if TYPE_CHECKING:
    from playwright.async_api import Page

_WAYS = '#shipping_methods input[type="radio"], [name="checkout[shipping_rate][id]"]'
# Of each way its label's lines: the name first, its price last.
_TEXTS = """all => all.map(e => ({
  lines: (e.labels?.[0] ?? e.parentElement).innerText.split('\\n').filter(t => t.trim()),
}))"""


async def choose(page: Page, name: str | None) -> None:
    """Choose the way called *name*, else the cheapest; where there is one, it is chosen already.

    Raises:
        TaskFailed: there is no such way.
    """
    ways = await page.locator(_WAYS).evaluate_all(_TEXTS)
    if not ways:
        if name is not None:
            await _expect_only(page, name)
        return
    names = [clean(way["lines"][0]) for way in ways]
    place = _named(names, name) if name else _cheapest([way["lines"] for way in ways])
    with or_fail(f"the shipping method {names[place]} could not be chosen"):
        await radios.choose(page.locator(_WAYS).nth(place))


async def _expect_only(page: Page, name: str) -> None:
    text = clean(await page.locator("#shipping_methods").inner_text())
    if not text.casefold().startswith(name.casefold()):
        raise TaskFailed(f"there is no shipping method {name} (there is: {text})")


def _named(names: list[str], wanted: str) -> int:
    for place, name in enumerate(names):
        if name.casefold() == wanted.casefold():
            return place
    raise TaskFailed(f"there is no shipping method {wanted} (there are: {', '.join(names)})")


def _cheapest(ways: list[list[str]]) -> int:
    return min(range(len(ways)), key=lambda place: _price(ways[place][-1]))


def _price(text: str) -> Decimal:
    """The price at the end of a way's label; one without digits is free."""
    found = money.parse(text)
    return found.amount if found else Decimal(0)
