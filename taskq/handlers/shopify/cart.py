"""The cart: putting so many of one variant into it, and seeing that they are there and alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
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


async def add(page: Page, variant: Variant, quantity: int = 1) -> None:
    """Add *quantity* of *variant* with the page's own button.

    Raises:
        TaskFailed: the shop refuses it, in its own words, or the cart holds something else.
    """
    form = product.form_of(page, variant)
    with or_fail("the shop did not answer when the product was added to the cart"):
        await _set_quantity(page, form, quantity)
        async with page.expect_response(lambda answer: "/cart/add" in answer.url) as added:
            await form.locator(_ADD).first.click()
        await _heed(await added.value)
        cart = await (await page.request.get(urljoin(page.url, "/cart.js"))).json()
    held = [(int(item["variant_id"]), int(item["quantity"])) for item in cart["items"]]
    if held == [(variant.id, quantity)]:
        return
    if [variant_id for variant_id, _ in held] == [variant.id]:
        raise TaskFailed(f"the cart holds {held[0][1]} of it, not {quantity}; nothing was paid")
    raise TaskFailed("the cart does not hold just this product; empty it in the shop first")


async def _set_quantity(page: Page, form: Locator, quantity: int) -> None:
    if quantity == 1:
        return
    own = await form.first.get_attribute("id")
    outside = page.locator(f'input[name="quantity"][form="{own}"]')
    field = form.locator('input[name="quantity"]').or_(outside).first
    if not await field.count():
        raise TaskFailed("the page does not ask how many; order them one by one")
    await field.fill(str(quantity))


async def _heed(answer: Response) -> None:
    if answer.status < HTTPStatus.BAD_REQUEST:
        return
    try:
        said = (await answer.json())["description"]
    except (ValueError, KeyError, TypeError):
        said = f"the shop refused the product with HTTP {answer.status}"
    raise TaskFailed(clean(str(said)))
