"""The cart: putting so many of one variant into it, and seeing that they are there and alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from taskq.clean import clean
from taskq.errors import TaskFailed
from taskq.handlers.shopify import product
from taskq.handlers.shopify.patience import or_fail

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page, Response

    from taskq.handlers.shopify.offer import Variant

# What buys at once, past the cart, is another button: never that one.
_ADD = """button[name="add"], button[type="submit"]:not([name]):not(.shopify-payment-button *),
input[type="submit"][name="add"], [data-add-to-cart]"""


@dataclass(frozen=True)
class Held:
    """What the cart holds, in the words of the checkout: its language may not be the page's."""

    title: str
    values: tuple[str, ...]
    quantity: int


async def add(page: Page, variant: Variant, quantity: int = 1) -> Held:
    """Add *quantity* of *variant* with the page's own button, unless just that is there already.

    A customer's cart may hold what an earlier attempt left there; it is never emptied here.

    Raises:
        TaskFailed: the shop refuses it, in its own words, or the cart holds something else.
    """
    form = product.form_of(page, variant)
    with or_fail("the shop did not answer when the product was added to the cart"):
        items = await _items(page)
        if not items:
            await _set_quantity(page, form, quantity)
            async with page.expect_response(lambda answer: "/cart/add" in answer.url) as added:
                await form.locator(_ADD).first.click()
            await _heed(await added.value)
            items = await _items(page)
    held = [(int(item["variant_id"]), int(item["quantity"])) for item in items]
    if held == [(variant.id, quantity)]:
        return _held(items[0], variant)
    if [variant_id for variant_id, _ in held] == [variant.id]:
        raise TaskFailed(f"the cart holds {held[0][1]} of it, not {quantity}; nothing was paid")
    there_is = ", ".join(clean(str(item["title"])) for item in items) or "nothing"
    raise TaskFailed(f"the cart holds {there_is}: it must hold this alone; empty it in the shop")


async def _items(page: Page) -> list[dict[str, Any]]:
    """What the cart holds, by the shop's own data."""
    cart = await (await page.request.get(urljoin(page.url, "/cart.js"))).json()
    items: list[dict[str, Any]] = cart["items"]
    return items


def _held(item: Mapping[str, Any], variant: Variant) -> Held:
    title = clean(str(item.get("product_title") or item["title"]))
    named = clean(str(item.get("variant_title") or ""))
    values = () if variant.is_only_one else tuple(named.split(" / "))
    return Held(title, values, int(item["quantity"]))


async def _set_quantity(page: Page, form: Locator, quantity: int) -> None:
    if quantity == 1:
        return
    # A theme may draw a second form of this variant, for instalments, which adds nothing.
    adding = form.filter(has=page.locator(_ADD)).first
    own = await adding.get_attribute("id")
    outside = page.locator(f'input[name="quantity"][form="{own}"]')
    field = adding.locator('input[name="quantity"]').or_(outside).first
    if not await field.count():
        raise TaskFailed("the page does not ask how many; order them one by one")
    await field.fill(str(quantity))


async def _heed(answer: Response) -> None:
    """Fail with the shop's own words where it refuses."""
    if answer.status < HTTPStatus.BAD_REQUEST:
        return
    said = (await answer.text()).strip()
    if "json" in answer.headers.get("content-type", ""):
        with suppress(ValueError, KeyError, TypeError):
            said = str(json.loads(said)["description"])
    if not said or said.startswith(("<", "{")):
        said = f"the shop refused the product with HTTP {answer.status}"
    raise TaskFailed(clean(said))
