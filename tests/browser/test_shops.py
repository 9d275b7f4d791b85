"""Whole orders at shops of other habits: their checkouts, and what they lay in the way."""

import asyncio

import pytest

from taskq import profiles, settings
from taskq.errors import Declined, TaskFailed
from taskq.handlers.shopify import (
    address,
    cart,
    checkout,
    gates,
    nuisances,
    offer,
    place_order,
    product,
)
from tests.conftest import ADA, HOODIE, MUG

pytestmark = pytest.mark.browser

JACKET = "hp-j210-033-4"
MEDIUM = 44120000020512
_NOTE_ANSWERS = """window.answers = []; addEventListener('click', ({ target }) => {
  if (target.id.startsWith('shopify-pc')) window.answers.push(target.id);
}, true)"""


def test_the_checkout_of_three_steps_is_walked_to_its_end(buyer, shop_that, ledger):
    shop = shop_that(steps="three", phone="required")
    result = buyer.order(shop.product_url(HOODIE), shipping="Express")
    (charge,) = ledger.charges()

    assert result["order"] == charge["order"].lstrip("#")
    assert charge["total"] == "175.96"
    assert charge["ship_to"]["zone"] == "NY"
    assert charge["items"][0]["variant"] == "Medium"


@pytest.mark.parametrize("steps", ["one", "three"])
def test_a_wrong_postal_code_is_told_in_the_pages_own_words(buyer, shop_that, ledger, steps):
    buyer.profile = profiles.Profile.model_construct(**{**ADA, "postal_code": "9"})
    url = shop_that(steps=steps).product_url(HOODIE)

    with pytest.raises(TaskFailed, match=r"^Enter a valid ZIP code$"):
        buyer.order(url)
    assert ledger.lines() == []


@pytest.mark.parametrize("steps", ["one", "three"])
def test_a_phone_number_that_must_be_given_is_asked_of_the_profile(buyer, shop_that, ledger, steps):
    buyer.profile = profiles.Profile.model_construct(**{**ADA, "phone": ""})

    with pytest.raises(TaskFailed, match=r"^Enter a phone number$"):
        buyer.order(shop_that(steps=steps, phone="required").product_url(HOODIE))
    assert ledger.lines() == []


def test_a_newsletter_a_cookie_bar_and_a_country_dialog_at_once_are_put_aside(
    buyer, shop_that, ledger
):
    shop = shop_that(newsletter=True, cookie_banner=True, country_dialog=True)
    buyer.order(shop.product_url(JACKET), option=["Color=Moss"])

    assert [item["variant"] for item in ledger.charges()[0]["items"]] == ["Moss / Medium"]


def test_a_field_that_is_marked_as_required_is_asked_for_before_anything_is_pressed(at_checkout):
    async def live(run, _):
        await run.page.evaluate("document.querySelector('[name=phone]').required = true")
        await address.fill(run.page, profiles.Profile.model_construct(**{**ADA, "phone": ""}))

    with pytest.raises(TaskFailed, match="taskq profile edit NAME --set phone=NUMBER"):
        at_checkout(live)


def test_cookies_are_declined_and_the_cart_that_slides_in_is_left_open(buyer, shop_that):
    shop = shop_that(cookie_banner=True)

    async def live(run):
        page = run.page
        await page.add_init_script(_NOTE_ANSWERS)
        await nuisances.put_aside(page)
        offered = await product.opened(run, run.params.product_url)
        await cart.add(page, offer.wanted(offered, None, {}))
        await page.locator("#CartDrawer-Checkout").wait_for()
        await page.locator("h1").first.hover(trial=True, force=True)
        shown = [
            await page.locator(each).is_visible()
            for each in ("#shopify-pc__banner", "#CartDrawer-Checkout")
        ]
        return shown, await page.evaluate("window.answers")

    assert buyer.at(shop.product_url(MUG), live) == (
        [False, True],
        ["shopify-pc__banner__btn-decline"],
    )


def test_slow_answers_and_late_scripts_only_take_longer(buyer, shop_that, ledger):
    buyer.order(shop_that(answers_in=0.05, scripts_in=0.4).product_url(HOODIE))

    assert [item["variant"] for item in ledger.charges()[0]["items"]] == ["Medium"]


def test_the_waiting_line_is_waited_in(buyer, shop_that, ledger):
    buyer.order(shop_that(queue_seconds=1.0).product_url(HOODIE))

    assert buyer.entries() == ["Waiting in the store's line"]
    assert len(ledger.charges()) == 1


def test_a_line_that_does_not_end_ends_the_order(buyer, shop_that, ledger, monkeypatch):
    monkeypatch.setattr(gates, "LINE_SECONDS", 0.5)

    with pytest.raises(TaskFailed, match="still in the store's waiting line"):
        buyer.order(shop_that(queue_seconds=60.0).product_url(HOODIE))


def test_a_password_page_is_told_of(buyer, shop_that):
    with pytest.raises(TaskFailed, match="the store is password protected"):
        buyer.order(shop_that(password=True).product_url(HOODIE))


@pytest.mark.parametrize("where", ["product", "checkout"])
def test_without_a_window_a_question_for_humans_ends_the_order_and_says_how_to_go_on(
    buyer, shop_that, ledger, where
):
    with pytest.raises(TaskFailed, match=r"verify that a human is buying.*taskq work --headed"):
        buyer.order(shop_that(challenge=where).product_url(HOODIE))
    assert ledger.lines() == []


@pytest.mark.parametrize("where", ["product", "checkout"])
def test_at_a_window_the_person_is_waited_for(buyer, shop_that, ledger, where):
    buyer.settings = settings.load(headed=True)

    async def with_a_person(run):
        ordering = asyncio.ensure_future(place_order(run))
        await run.page.get_by_label("I am human").check(timeout=60_000)
        await run.page.get_by_role("button", name="Continue").click()
        return await ordering

    buyer.at(shop_that(challenge=where).product_url(HOODIE), with_a_person, size="Medium")

    assert buyer.entries() == ["Waiting for you: show the store in the window that you are human"]
    assert len(ledger.charges()) == 1


def test_a_person_who_does_not_come_is_waited_for_so_long_and_no_longer(buyer, shop_that, ledger):
    buyer.settings = settings.load(headed=True, person_seconds=0.5)

    with pytest.raises(TaskFailed, match="nobody showed the store in time that a human is buying"):
        buyer.order(shop_that(challenge="product").product_url(HOODIE))


def test_a_wall_before_the_page_itself_is_a_question_for_the_person_too(buyer, shop_that, ledger):
    buyer.settings = settings.load(headed=True)
    url = shop_that().product_url(HOODIE)

    async def behind_a_wall(run):
        walls = [True]

        async def answer(route):
            if walls:
                wall = "<title>Just a moment...</title><a href=''>I am human</a>"
                await route.fulfill(status=403, headers={"cf-mitigated": "challenge"}, body=wall)
            else:
                await route.fallback()

        await run.page.route(url, answer)
        ordering = asyncio.ensure_future(place_order(run))
        await run.page.get_by_text("I am human").wait_for(timeout=50_000)
        walls.clear()
        await run.page.reload()
        return await ordering

    buyer.at(url, behind_a_wall, size="Medium")

    assert len(ledger.charges()) == 1


def test_wallets_other_ways_to_pay_and_shops_own_code_are_passed_by(buyer, shop_that, ledger):
    shop = shop_that(wallets=True, ways_to_pay="several", shop_pay=True)
    buyer.order(shop.product_url(HOODIE))

    assert [line["result"] for line in ledger.lines()] == ["charged"]


def test_a_card_that_is_asked_for_in_the_page_itself_is_not_typed(buyer, shop_that, ledger):
    async def live(run):
        with pytest.raises(TaskFailed, match="asks for the card in its own page"):
            await place_order(run)
        return await run.page.locator("[autocomplete=cc-number]").input_value()

    url = shop_that(card_fields="page").product_url(HOODIE)

    assert buyer.at(url, live, size="Medium") == ""
    assert ledger.lines() == []


@pytest.fixture
def order_while(buyer, shop):
    """Order from the shop, and do something when the buyer has seen the total."""

    def order(act):
        async def live(run):
            ordering = asyncio.ensure_future(place_order(run))
            async with asyncio.timeout(40):
                while "order-summary" not in run.artifacts:
                    await asyncio.wait([ordering], timeout=0.01)
            act(shop)
            return await ordering

        return buyer.at(shop.product_url(HOODIE), live, size="Medium")

    return order


def test_a_price_that_rises_at_the_last_moment_is_not_paid(order_while, ledger):
    with pytest.raises(Declined, match="order total has changed"):
        order_while(lambda shop: shop.set_price(MEDIUM, 15500))
    assert ledger.charges() == []


def test_what_sells_out_at_the_last_moment_is_not_paid(order_while, ledger):
    with pytest.raises(Declined, match="is sold out"):
        order_while(lambda shop: shop.set_stock(MEDIUM, 0))
    assert ledger.charges() == []


def test_what_is_gone_when_the_checkout_opens_is_told_of(buyer, shop):
    async def live(run):
        offered = await product.opened(run, run.params.product_url)
        await cart.add(run.page, offer.wanted(offered, None, {}))
        shop.set_stock(offered.variants[0].id, 0)
        await checkout.opened(run)

    with pytest.raises(TaskFailed, match=r"sold out at checkout: .*Enamel Camp Mug"):
        buyer.at(shop.product_url(MUG), live)


def test_a_shop_for_customers_alone_says_how_to_log_in(buyer, shop_that, ledger):
    shop = shop_that(account_required=True, customers={"ada@example.com": "open sesame"})

    with pytest.raises(TaskFailed, match=r"requires an account.*taskq login NAME --url http"):
        buyer.order(shop.product_url(HOODIE))


@pytest.fixture
def with_mug(buyer, shop):
    """Order with a mug in the cart already, as a customer's may be."""

    def order(handle, **params):
        async def live(run):
            mug = await (await run.page.request.get(f"{shop.product_url(MUG)}.js")).json()
            item = {"id": mug["variants"][0]["id"], "quantity": 1}
            await run.page.request.post(f"{shop.url}/cart/add.js", data={"items": [item]})
            return await place_order(run)

        return buyer.at(shop.product_url(handle), live, **params)

    return order


def test_a_cart_that_already_holds_something_is_not_bought_and_not_touched(with_mug, ledger):
    with pytest.raises(TaskFailed, match="holds Enamel Camp Mug: it must hold this alone; empty"):
        with_mug(HOODIE, size="Medium")
    assert ledger.lines() == []


def test_what_an_earlier_attempt_left_in_the_cart_is_not_added_again(with_mug, ledger):
    with_mug(MUG)

    assert [item["quantity"] for item in ledger.charges()[0]["items"]] == [1]
