"""How the demo shop may be paid, asked over HTTP without a browser."""

import json
import re
from contextlib import ExitStack

import pytest

from taskq.demo.shop import Checkout, Habits, Shop, checkout_page, payment_desk
from tests.unit.test_demo_shop import HOODIE, Visitor, variant_of

NOT_VERIFIED = payment_desk.NOT_VERIFIED


@pytest.fixture
def visit(tmp_path):
    """Open a shop with the habits named, and give its first visitor."""
    with ExitStack() as stack:

        def visit(**habits):
            shop = Shop(ledger=tmp_path / "ledger.jsonl", habits=Habits(**habits))
            ada = Visitor(stack.enter_context(shop).url)
            ada.shop = shop
            return ada

        yield visit


@pytest.fixture
def lines(tmp_path):
    return lambda: [
        json.loads(each) for each in (tmp_path / "ledger.jsonl").read_text().splitlines()
    ]


def press_pay(ada, **changes):
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"))
    return path, json.loads(ada.pay(path, press | changes).text)


def answer(ada, outcome, word):
    url = (outcome.get("redirect") or outcome["confirm"]).replace("localhost", "127.0.0.1")
    site, path = re.fullmatch(r"(http://[^/]+)(/.*)", url).groups()
    page = ada.ask("GET", path, url=site).text
    assert "Confirm this payment with your bank" in page
    assert "$164.96 USD" in page
    return ada.ask("POST", path, {"answer": word}, form=True, url=site)


def results(lines):
    return [line["result"] for line in lines()]


@pytest.mark.parametrize("how", ["redirect", "frame"])
def test_nothing_is_written_before_the_cards_owner_has_answered_their_bank(visit, lines, how):
    ada = visit(three_d_secure=how)
    path, outcome = press_pay(ada)
    assert list(outcome) == [{"redirect": "redirect", "frame": "confirm"}[how]]
    assert outcome.popitem()[1].startswith(f"{ada.shop.vault_url}/3ds/")
    assert lines() == []
    assert ada.get(path).status == 200


def test_who_approves_twice_is_charged_once(visit, lines):
    ada = visit(three_d_secure="redirect")
    path, outcome = press_pay(ada)
    for _ in range(2):
        back = answer(ada, outcome, "approve")
        assert back.headers["Location"] == f"{ada.shop.url}{path}/thank-you"
    answer(ada, outcome, "refuse")
    assert results(lines) == ["charged"]
    assert "Order #1001" in ada.get(f"{path}/thank-you").text


def test_who_refuses_is_back_at_the_checkout_and_told_why_once(visit, lines):
    ada = visit(three_d_secure="redirect")
    path, outcome = press_pay(ada)
    assert answer(ada, outcome, "refuse").headers["Location"] == f"{ada.shop.url}{path}"
    page = ada.get(path).text
    assert (
        f'<div id="PaymentErrorBanner" role="alert" class="banner" tabindex="-1"><p>{NOT_VERIFIED}'
        in page
    )
    assert NOT_VERIFIED not in ada.get(path).text
    answer(ada, outcome, "approve")
    assert results(lines) == ["declined"]


def test_a_bank_in_a_frame_tells_the_page_around_it(visit, lines):
    ada = visit(three_d_secure="frame")
    path, outcome = press_pay(ada)
    page = answer(ada, outcome, "approve").text
    assert (
        f'postMessage({{ outcome: {{"redirect": "{path}/thank-you"}} }}, "{ada.shop.url}")' in page
    )
    assert results(lines) == ["charged"]


def test_two_payments_that_wait_for_their_owner_charge_once(visit, lines):
    ada = visit(three_d_secure="redirect")
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"))
    first = json.loads(ada.pay(path, press).text)
    press["card_session"] = ada.type_card(ada.get(path).text)
    second = json.loads(ada.pay(path, press).text)
    assert first != second
    for outcome in (second, first):
        answer(ada, outcome, "approve")
    assert results(lines) == ["charged"]


def test_the_last_of_three_steps_says_that_the_bank_did_not_confirm():
    checkout = Checkout((), habits=Habits(steps="three"), notice=NOT_VERIFIED)
    page = checkout_page.notice("steps.alert", checkout)
    assert f'<p class="notice__text">{NOT_VERIFIED}</p>' in page
    assert checkout.payment_path == f"{checkout.root}?step=payment_method"


def test_a_shop_has_one_way_to_pay_and_no_wallets_unless_it_says_so(visit):
    ada = visit()
    path, _ = ada.check_out(variant_of(ada, HOODIE, "Medium"))
    page = ada.get(path).text
    for mark in ('name="basic"', "shop-pay-button", "PayPal", "shop-checkout-modal"):
        assert mark not in page


@pytest.mark.parametrize("steps", ["one", "three"])
def test_wallets_offer_themselves_above_the_checkout_and_lead_away_from_it(visit, steps):
    ada = visit(wallets=True, steps=steps)
    ada.add(variant_of(ada, HOODIE, "Medium"))
    page = ada.get(ada.get("/checkout").headers["Location"]).text
    assert page.index('id="shop-pay-button"') < page.index("<form")
    frame = re.search(r'title="PayPal"[^>]* src="http://localhost:(\d+)([^"]+)"', page)
    site = f"http://127.0.0.1:{frame[1]}"
    assert 'aria-label="PayPal"' in ada.ask("GET", frame[2], url=site).text
    assert "takes none" in ada.ask("GET", frame[2].replace("paypal", "shop"), url=site).text


def test_where_there_are_several_ways_cash_is_chosen_until_the_buyer_chooses(visit, lines):
    ada = visit(ways_to_pay="several")
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"))
    page = ada.get(path).text
    assert re.search(r'id="basic-creditCards" name="basic" value="creditCards">', page)
    assert re.search(
        r'id="basic-cashOnDelivery" name="basic" value="cashOnDelivery" checked>', page
    )
    press["card_session"] = ada.type_card(page)
    ada.pay(path, press | {"method": "card"})
    assert results(lines) == ["charged"]


def test_cash_on_delivery_is_an_order_that_charges_no_card(visit, lines):
    ada = visit(ways_to_pay="several")
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"), number="")
    outcome = json.loads(ada.pay(path, press | {"method": "cash"}).text)
    assert outcome == {"redirect": f"{path}/thank-you"}
    assert [(line["result"], line["order"]) for line in lines()] == [("cash", "#1001")]
    assert "Cash on Delivery (COD) · $164.96 USD" in ada.get(f"{path}/thank-you").text
    ada.pay(path, {})
    assert results(lines) == ["cash", "repeated"]


def test_cash_does_not_buy_what_is_sold_out(visit, lines):
    ada = visit(ways_to_pay="several")
    medium = variant_of(ada, HOODIE, "Medium")
    path, press = ada.check_out(medium)
    ada.shop.set_stock(medium, 0)
    ada.pay(path, press | {"method": "cash"})
    assert results(lines) == ["refused"]


def test_a_shop_that_takes_cards_only_takes_no_cash(visit, lines):
    ada = visit()
    press_pay(ada, method="cash")
    assert results(lines) == ["charged"]


def test_a_page_that_asks_for_the_card_itself_is_told_it(visit, lines):
    ada = visit(card_fields="page")
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"))
    page = ada.get(path).text
    assert '"cardFieldsIn": "page"' in page
    press["card_session"] = re.search(r'"cardSession": "(\w+)"', page)[1]
    card = {"number": "2", "expiry": "12 / 30", "verification_value": "123", "name": "Ada"}
    ada.pay(path, press | {"card": card | {"expiry": ""}})
    ada.pay(path, press | {"card": card})
    assert results(lines) == ["refused", "declined"]


@pytest.mark.parametrize("steps", ["one", "three"])
def test_shop_pay_waits_for_the_e_mail(visit, steps):
    ada = visit(shop_pay=True, steps=steps)
    ada.add(variant_of(ada, HOODIE, "Medium"))
    page = ada.get(ada.get("/checkout").headers["Location"]).text
    assert '<shop-checkout-modal class="app-overlay" role="dialog" aria-modal="true"' in page
    assert "assets/c1/shop_pay.js" in page
