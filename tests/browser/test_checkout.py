"""The checkout up to the payment, as the recipe goes through it, in a real browser."""

from dataclasses import replace

import pytest

from taskq import profiles
from taskq.errors import Declined, TaskFailed
from taskq.handlers.shopify import address, checkout, payment, shipping, summary
from tests.conftest import ADA, MUG

pytestmark = pytest.mark.browser

PROFILE = profiles.from_answers(dict(ADA))


@pytest.fixture
def filled(at_checkout):
    """Go to the filled checkout and do *act* with (run, what the cart held)."""

    def go(act, **more):
        async def live(run, held):
            await address.fill(run.page, run.profile)
            await checkout.total(run.page)
            return await act(run, held)

        return at_checkout(live, **more)

    return go


def test_a_shop_that_once_gives_no_shipping_methods_is_waited_for(at_checkout):
    async def live(run, _):
        lost = []

        async def lose(route):
            lost.append(route.request.url)
            await route.abort()

        await run.page.route("**/proposal", lose, times=1)
        await address.fill(run.page, run.profile)
        return str(await checkout.total(run.page)), len(lost)

    assert at_checkout(live) == ("164.96 USD", 1)


def test_shipping_is_the_cheapest_or_the_one_that_was_asked_for(filled):
    async def act(run, _):
        page = run.page
        totals = []
        for asked in ("express", None, "Standard"):
            await shipping.choose(page, asked)
            totals.append(str(await checkout.total(page)))
        with pytest.raises(TaskFailed, match=r"no shipping method drone \(there are: Standard"):
            await shipping.choose(page, "drone")
        return totals

    assert filled(act) == ["175.96 USD", "164.96 USD", "164.96 USD"]


def test_the_summary_shows_what_is_bought_and_the_address_where_it_goes(filled):
    async def act(run, held):
        page = run.page
        await summary.check(page, held)
        await address.check(page, PROFILE)
        with pytest.raises(TaskFailed, match=r"holds .*Lookout Hoodie.* not .*Large"):
            await summary.check(page, replace(held, values=("Large",)))
        with pytest.raises(TaskFailed, match="holds 2 of it, not 1; nothing was paid"):
            await summary.check(page, replace(held, quantity=1))
        await page.locator('[name="city"]').first.fill("Duluth")
        with pytest.raises(TaskFailed, match="changed New York to Duluth; nothing was paid"):
            await address.check(page, PROFILE)

    filled(act, quantity=2)


def test_a_product_without_variants_or_picture_is_recognised_as_well(filled):
    async def act(run, held):
        page = run.page
        await page.evaluate("document.querySelector('.item__picture img').remove()")
        await summary.check(page, held)

    filled(act, handle=MUG, size=None)


def test_a_checkout_that_does_not_show_what_is_bought_is_not_paid(filled):
    async def act(run, held):
        page = run.page
        await page.evaluate(
            "document.querySelector('[aria-label=\"Shopping cart\"] .item').remove()"
        )
        with pytest.raises(TaskFailed, match="does not show what is being bought"):
            await summary.check(page, held)

    filled(act)


def test_a_total_that_changes_while_the_card_is_typed_is_not_paid(filled):
    async def act(run, _):
        page = run.page
        total = await checkout.total(page)
        await payment._still(page, total)
        await page.evaluate("document.querySelector('.cost-total').textContent = '$170.00'")
        with pytest.raises(TaskFailed, match=r"changed from 164\.96 USD to 170\.00 USD"):
            await payment._still(page, total)

    filled(act)


def test_a_banner_that_stands_there_before_the_press_is_no_answer_to_it(filled):
    async def act(run, _):
        page = run.page
        banner = "<div id=PaymentErrorBanner role=alert>Your card was declined.</div>"
        await page.evaluate("html => document.querySelector('#alerts').innerHTML = html", banner)
        with pytest.raises(TaskFailed, match="Your card was declined") as refused:
            await payment.pay(run, None, None)
        assert not isinstance(refused.value, Declined)

    filled(act)
