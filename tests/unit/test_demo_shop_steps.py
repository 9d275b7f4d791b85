"""The demo shop's checkout in three steps, asked over HTTP without a browser."""

import json
import re

import pytest

from taskq.demo.shop import Habits, Shop
from tests.unit.test_demo_shop import ADA, HOODIE, JACKET, Visitor, variant_of

NAMES = {
    "first_name": "firstName",
    "last_name": "lastName",
    "address1": "address1",
    "city": "city",
    "zip": "postalCode",
}
FORM = {
    "checkout[email]": ADA["email"],
    "checkout[shipping_address][country]": "United States",
    "checkout[shipping_address][province]": "Oregon",
    **{f"checkout[shipping_address][{long}]": ADA[short] for long, short in NAMES.items()},
}
CONTACT = {"_method": "patch", "previous_step": "contact_information"} | FORM
SHIPPING = {"_method": "patch", "previous_step": "shipping_method"}


@pytest.fixture
def shop(tmp_path):
    with Shop(ledger=tmp_path / "ledger.jsonl", habits=Habits(steps="three")) as shop:
        yield shop


@pytest.fixture
def ada(shop):
    return Visitor(shop.url)


@pytest.fixture
def lines(tmp_path):
    return lambda: [
        json.loads(each) for each in (tmp_path / "ledger.jsonl").read_text().splitlines()
    ]


def begin(visitor, variant):
    visitor.add(variant)
    return visitor.get("/checkout").headers["Location"].partition("?")[0]


def take_steps(visitor, root, *, rate="standard"):
    """Come as far as the press of Pay, and give what the press would send."""
    visitor.ask("POST", root, CONTACT, form=True)
    answer = visitor.ask("POST", root, SHIPPING | {"checkout[shipping_rate][id]": rate}, form=True)
    page = visitor.get(answer.headers["Location"]).text
    amount = re.search(r'"amount": "([\d.]+)"', page)[1]
    return {"total": amount, "card_session": visitor.type_card(page)}


def test_a_checkout_in_steps_begins_with_the_contact_information(ada):
    ada.add(variant_of(ada, HOODIE, "Medium"))
    path = ada.get("/checkout").headers["Location"]
    assert re.fullmatch(r"/\d+/checkouts/[0-9a-f]{32}\?step=contact_information", path)
    page = ada.get(path).text
    assert 'id="checkout_email" name="checkout[email]"' in page
    assert 'name="checkout[shipping_address][zip]"' in page
    assert 'autocomplete="shipping postal-code"' in page
    assert '<option data-code="OR" value="Oregon">' in page
    assert re.search(r'id="checkout_buyer_accepts_marketing"[^>]* checked', page)
    assert 'id="continue_button"' in page


def test_a_step_refuses_in_words_beneath_the_field(ada):
    root = begin(ada, variant_of(ada, HOODIE, "Medium"))
    wrong = CONTACT | {"checkout[shipping_address][zip]": "9720", "checkout[email]": "ada"}
    page = ada.ask("POST", root, wrong, form=True).text
    assert re.search(r'id="error-for-zip">Enter a valid ZIP code<', page)
    assert re.search(r'id="error-for-email">Enter a valid email<', page)
    assert 'value="Lovelace"' in page
    ahead = ada.get(f"{root}?step=payment_method")
    assert ahead.headers["Location"] == f"{root}?step=contact_information"


def test_each_step_leads_to_the_next_and_the_last_pays(ada, lines):
    root = begin(ada, variant_of(ada, HOODIE, "Medium"))
    answer = ada.ask("POST", root, CONTACT, form=True)
    assert answer.headers["Location"] == f"{root}?step=shipping_method"
    page = ada.get(f"{root}?step=shipping_method").text
    assert re.search(r'name="checkout\[shipping_rate\]\[id\]" value="standard" checked', page)
    press = take_steps(ada, root, rate="express")
    assert "Pay now" in ada.get(f"{root}?step=payment_method").text
    press["card_session"] = ada.type_card(ada.get(f"{root}?step=payment_method").text)
    outcome = json.loads(ada.ask("POST", f"{root}/payment", press).text)
    assert outcome == {"redirect": f"{root}/thank_you"}
    (line,) = lines()
    assert (line["result"], line["total"]) == ("charged", "175.96")
    assert line["ship_to"]["zone"] == "OR"


def test_a_paid_checkout_in_steps_leads_to_its_thank_you_page_ever_after(ada, lines):
    root = begin(ada, variant_of(ada, HOODIE, "Medium"))
    press = take_steps(ada, root)
    assert ada.get(f"{root}/thank_you").headers["Location"] == f"{root}?step=contact_information"
    ada.ask("POST", f"{root}/payment", press)
    for path in (root, f"{root}?step=payment_method"):
        assert ada.get(path).headers["Location"] == f"{root}/thank_you"
    page = ada.get(f"{root}/thank_you").text
    assert '<h2 id="main-header" class="os-header__title">Thank you Ada!</h2>' in page
    assert 'os-order-number">Order #1001<' in page
    ada.ask("POST", f"{root}/payment", press)
    assert [line["result"] for line in lines()] == ["charged", "repeated"]


def test_what_is_gone_has_a_page_of_its_own(shop, ada):
    last = variant_of(ada, JACKET, "Moss / Large")
    root, bob = begin(ada, last), Visitor(shop.url)
    bobs_root = begin(bob, last)
    ada.ask("POST", f"{root}/payment", take_steps(ada, root))
    assert bob.get(bobs_root).headers["Location"] == f"{bobs_root}/stock_problems"
    assert "Moss / Large is sold out" in bob.get(f"{bobs_root}/stock_problems").text


def test_a_checkout_in_steps_is_404_to_every_other_session(shop, ada):
    root = begin(ada, variant_of(ada, HOODIE, "Medium"))
    stranger = Visitor(shop.url)
    stranger.get("/")
    assert stranger.get(root).status == 404


def test_a_permalink_fills_in_the_first_step(ada):
    medium = variant_of(ada, HOODIE, "Medium")
    query = "checkout[shipping_address][country]=CA&checkout[shipping_address][province]=ON"
    page = ada.get(ada.get(f"/cart/{medium}:1?{query}").headers["Location"]).text
    assert '<option data-code="ON" value="Ontario" selected>' in page


@pytest.mark.parametrize("steps", ["one", "three"])
def test_a_phone_number_that_must_be_given_is_asked_for(tmp_path, lines, steps):
    habits = Habits(steps=steps, phone="required")
    with Shop(ledger=tmp_path / "ledger.jsonl", habits=habits) as shop:
        ada = Visitor(shop.url)
        if steps == "one":
            path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"))
            outcome = json.loads(ada.pay(path, press).text)
            assert outcome["problems"] == {"phone": "Enter a phone number"}
            page = ada.get(path).text
            press["card_session"] = ada.type_card(page)
            ada.pay(path, press | {"buyer": ADA | {"phone": "503 555 0100"}})
            assert [line["result"] for line in lines()] == ["refused", "charged"]
        else:
            root = begin(ada, variant_of(ada, HOODIE, "Medium"))
            page = ada.ask("POST", root, CONTACT, form=True).text
            assert 'id="error-for-phone">Enter a phone number<' in page
        assert "Phone (optional)" not in page
