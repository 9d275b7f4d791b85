"""What the demo shop's merchant does while people shop, asked over HTTP without a browser."""

import json
import re

import pytest

from taskq.demo.shop import Habits, Shop
from tests.unit.test_demo_shop import ADA, HOODIE, Visitor, variant_of

CHANGED = "Your order total has changed. Review and try again."


@pytest.fixture
def shop(tmp_path):
    with Shop(ledger=tmp_path / "ledger.jsonl") as shop:
        yield shop


@pytest.fixture
def ada(shop):
    return Visitor(shop.url)


@pytest.fixture
def medium(ada):
    return variant_of(ada, HOODIE, "Medium")


@pytest.fixture
def lines(tmp_path):
    def lines():
        text = (tmp_path / "ledger.jsonl").read_text()
        return [(line["result"], line["total"]) for line in map(json.loads, text.splitlines())]

    return lines


def test_a_new_price_is_on_the_page_in_the_data_and_in_the_cart(shop, ada, medium):
    ada.add(medium)
    shop.set_price(medium, 9900)
    assert "$99.00" in ada.get(f"/products/{HOODIE}?variant={medium}").text
    prices = {
        each["title"]: each["price"] for each in ada.json(f"/products/{HOODIE}.js")["variants"]
    }
    assert (prices["Medium"], prices["Large"]) == (9900, 14500)
    assert ada.json("/cart.js")["total_price"] == 9900


def test_a_payment_for_the_old_total_is_refused_and_told_the_new_one(shop, ada, medium, lines):
    path, press = ada.check_out(medium)
    shop.set_price(medium, 9900)
    outcome = json.loads(ada.pay(path, press).text)
    assert outcome["message"] == CHANGED
    assert outcome["quote"]["amount"] == "115.17"
    press |= {"total": "115.17", "card_session": ada.type_card(ada.get(path).text)}
    ada.pay(path, press)
    assert lines() == [("refused", "115.17"), ("charged", "115.17")]


def test_the_checkouts_next_quote_knows_the_new_price(shop, ada, medium):
    path, _ = ada.check_out(medium)
    shop.set_price(medium, 9900)
    body = {"buyer": ADA}
    answer = ada.ask("POST", path.removesuffix("/en-us") + "/proposal", body)
    assert json.loads(answer.text)["amount"] == "115.17"
    assert "$115.17" in ada.get(path).text


def test_a_receipt_keeps_the_price_that_was_paid(shop, ada, medium):
    path, press = ada.check_out(medium)
    ada.pay(path, press)
    shop.set_price(medium, 9900)
    assert "$164.96" in ada.get(f"{path}/thank-you").text


def test_what_sells_out_before_the_press_is_refused(shop, ada, medium, lines):
    path, press = ada.check_out(medium)
    shop.set_stock(medium, 0)
    assert "Medium is sold out" in json.loads(ada.pay(path, press).text)["message"]
    assert "Out of stock" in ada.get(path).text
    assert ada.json(f"/products/{HOODIE}.js")["variants"][1]["available"] is False
    assert lines() == [("refused", "164.96")]
    shop.set_stock(medium, 3)
    assert "Out of stock" not in ada.get(path).text


def test_a_variant_that_is_not_sold_has_no_stock_and_no_price(shop):
    with pytest.raises(KeyError):
        shop.set_stock(1, 1)
    with pytest.raises(KeyError):
        shop.set_price(1, 1)


def test_what_the_cards_owner_confirmed_is_not_charged_at_another_price(tmp_path, medium, lines):
    habits = Habits(three_d_secure="redirect")
    with Shop(ledger=tmp_path / "ledger.jsonl", habits=habits) as shop:
        ada = Visitor(shop.url)
        path, press = ada.check_out(medium)
        bank = json.loads(ada.pay(path, press).text)["redirect"].replace("localhost", "127.0.0.1")
        shop.set_price(medium, 99900)
        site, question = re.fullmatch(r"(http://[^/]+)(/.*)", bank).groups()
        ada.ask("POST", question, {"answer": "approve"}, form=True, url=site)
        assert CHANGED in ada.get(path).text
    assert [result for result, _ in lines()] == ["refused"]
