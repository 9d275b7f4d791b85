"""The checkout up to the payment, as the recipe goes through it, in a real browser."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from taskq import profiles
from taskq.browser.chromium import Chromium
from taskq.errors import Declined, TaskFailed
from taskq.handlers.shopify import cart, checkout, offer, payment, product, shipping, summary
from tests.conftest import ADA, HOODIE, MUG

pytestmark = pytest.mark.browser

PROFILE = profiles.from_answers(dict(ADA))


def at_checkout(shop, act, *, handle=HOODIE, size="Medium", quantity=1):
    """Go to the filled checkout and do *act* with (page, what the cart held)."""

    async def live():
        chromium = Chromium(None)
        try:
            async with chromium.page() as page:
                offered = await product.opened(page, shop.product_url(handle))
                variant = offer.wanted(offered, size, {})
                await product.choose(page, variant)
                held = await cart.add(page, variant, quantity)
                await checkout.opened(page)
                await checkout.fill(page, PROFILE)
                await checkout.total(page)
                return await act(page, held)
        finally:
            await chromium.close()

    return asyncio.run(live())


def test_shipping_is_the_cheapest_or_the_one_that_was_asked_for(shop):
    async def act(page, *_):
        totals = []
        for asked in ("express", None, "Standard"):
            await shipping.choose(page, asked)
            totals.append(str(await checkout.total(page)))
        with pytest.raises(TaskFailed, match=r"no shipping method drone \(there are: Standard"):
            await shipping.choose(page, "drone")
        return totals

    assert at_checkout(shop, act) == ["175.96 USD", "164.96 USD", "164.96 USD"]


def test_the_summary_shows_what_is_bought_and_the_address_where_it_goes(shop):
    async def act(page, held):
        await summary.check(page, held)
        await checkout.check_address(page, PROFILE)
        with pytest.raises(TaskFailed, match=r"holds .*Lookout Hoodie.* not .*Large"):
            await summary.check(page, replace(held, values=("Large",)))
        with pytest.raises(TaskFailed, match="holds 2 of it, not 1; nothing was paid"):
            await summary.check(page, replace(held, quantity=1))
        await page.locator('[name="city"]').first.fill("Duluth")
        with pytest.raises(TaskFailed, match="changed New York to Duluth; nothing was paid"):
            await checkout.check_address(page, PROFILE)

    at_checkout(shop, act, quantity=2)


def test_a_product_without_variants_or_picture_is_recognised_as_well(shop):
    async def act(page, held):
        await page.evaluate("document.querySelector('.item__picture img').remove()")
        await summary.check(page, held)

    at_checkout(shop, act, handle=MUG, size=None)


def test_a_checkout_that_does_not_show_what_is_bought_is_not_paid(shop):
    async def act(page, held):
        await page.evaluate(
            "document.querySelector('[aria-label=\"Shopping cart\"] .item').remove()"
        )
        with pytest.raises(TaskFailed, match="does not show what is being bought"):
            await summary.check(page, held)

    at_checkout(shop, act)


def test_a_total_that_changes_while_the_card_is_typed_is_not_paid(shop):
    async def act(page, *_):
        total = await checkout.total(page)
        await payment._still(page, total)
        await page.evaluate("document.querySelector('.cost-total').textContent = '$170.00'")
        with pytest.raises(TaskFailed, match=r"changed from 164\.96 USD to 170\.00 USD"):
            await payment._still(page, total)

    at_checkout(shop, act)


def test_a_banner_that_stands_there_before_the_press_is_no_answer_to_it(shop):
    async def act(page, _):
        banner = "<div id=PaymentErrorBanner role=alert>Your card was declined.</div>"
        await page.evaluate("html => document.querySelector('#alerts').innerHTML = html", banner)
        with pytest.raises(TaskFailed, match="Your card was declined") as refused:
            await payment.pay(SimpleNamespace(page=page), None, None)
        assert not isinstance(refused.value, Declined)

    at_checkout(shop, act)
