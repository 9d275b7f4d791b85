"""The cart: putting one variant into it, and seeing that it is there and alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from taskq.clean import clean
from taskq.errors import TaskFailed
from taskq.handlers.shopify.patience import or_fail

if TYPE_CHECKING:
    from playwright.async_api import Page, Response

    from taskq.handlers.shopify.product import Variant


async def add(page: Page, variant: Variant) -> None:
    """Add one of *variant* with the page's own button.

    Raises:
        TaskFailed: the shop refuses it, in its own words, or the cart holds something else.
    """
    form = page.locator('form[action*="/cart/add"]').filter(
        has=page.locator(f'[name="id"][value="{variant.id}"]')
    )
    button = form.locator('button[name="add"], button[type="submit"]:not([name])').first
    with or_fail("the shop did not answer when the product was added to the cart"):
        async with page.expect_response(lambda answer: "/cart/add" in answer.url) as added:
            await button.click()
        await _heed(await added.value)
        cart = await (await page.request.get(urljoin(page.url, "/cart.js"))).json()
    held = [(int(item["variant_id"]), int(item["quantity"])) for item in cart["items"]]
    if held != [(variant.id, 1)]:
        raise TaskFailed("the cart does not hold just this product; empty it in the shop first")


async def _heed(answer: Response) -> None:
    if answer.status < HTTPStatus.BAD_REQUEST:
        return
    try:
        said = (await answer.json())["description"]
    except (ValueError, KeyError, TypeError):
        said = f"the shop refused the product with HTTP {answer.status}"
    raise TaskFailed(clean(str(said)))
