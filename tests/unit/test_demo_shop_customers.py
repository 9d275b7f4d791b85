"""The demo shop's customers, asked over HTTP without a browser."""

import pytest

from taskq.demo.shop import Habits, Shop, customers
from tests.conftest import wait_for
from tests.unit.test_demo_shop import HOODIE, MUG, Visitor, variant_of

ADA = {"customer[email]": "ada@example.com", "customer[password]": "analytical"}
SIGNATURE = "_secure_customer_sig"


@pytest.fixture
def shop(tmp_path):
    habits = Habits(customers={"ada@example.com": "analytical"}, account_required=True)
    with Shop(ledger=tmp_path / "ledger.jsonl", habits=habits) as shop:
        yield shop


@pytest.fixture
def ada(shop):
    return Visitor(shop.url)


def log_in(visitor, **more):
    return visitor.ask("POST", "/account/login", ADA | more, form=True)


def test_a_customer_logs_in_and_is_known_and_logs_out(ada):
    assert ada.get("/account").headers["Location"] == "/account/login"
    page = ada.get("/account/login").text
    assert 'name="customer[email]"' in page
    assert 'name="customer[password]"' in page
    answer = log_in(ada)
    assert answer.headers["Location"] == "/account"
    cookie = next(each for each in answer.headers.get_all("Set-Cookie") if SIGNATURE in each)
    assert "HttpOnly" in cookie
    assert "ada@example.com" in ada.get("/account").text
    assert ada.get("/account/login").headers["Location"] == "/account"
    signature = ada.cookies[SIGNATURE]
    out = ada.get("/account/logout")
    assert out.headers["Location"] == "/"
    assert len([each for each in out.headers.get_all("Set-Cookie") if SIGNATURE in each]) == 1
    ada.cookies[SIGNATURE] = signature
    assert ada.get("/account").headers["Location"] == "/account/login"


@pytest.mark.parametrize("wrong", [{"customer[password]": "x"}, {"customer[email]": "bob@x.y"}])
def test_a_wrong_password_is_told_in_words(ada, wrong):
    assert "Incorrect email or password." in log_in(ada, **wrong).text
    assert ada.get("/account").status == 302


def test_a_stranger_is_led_from_the_checkout_to_the_login_and_back(ada):
    ada.add(variant_of(ada, HOODIE, "Medium"))
    login = ada.get("/checkout").headers["Location"]
    assert login == "/account/login?checkout_url=/checkout"
    assert 'name="checkout_url" value="/checkout"' in ada.get(login).text
    assert log_in(ada, checkout_url="/checkout").headers["Location"] == "/checkout"
    path = ada.get("/checkout").headers["Location"]
    page = ada.get(path).text
    assert "Lookout Hoodie" in page
    assert 'value="ada@example.com"' in page


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "/\\example.com"])
def test_a_login_leads_to_no_other_site(ada, elsewhere):
    assert log_in(ada, checkout_url=elsewhere).headers["Location"] == "/account"


def test_a_permalink_does_not_pass_by_the_login(ada):
    mug = variant_of(ada, MUG, "Default Title")
    assert ada.get(f"/cart/{mug}:1").headers["Location"].startswith("/account/login?checkout_url=")


def test_a_customers_cart_is_the_same_in_every_browser(shop, ada):
    medium, mug = variant_of(ada, HOODIE, "Medium"), variant_of(ada, MUG, "Default Title")
    log_in(ada)
    ada.add(medium)
    other = Visitor(shop.url)
    other.add(mug)
    log_in(other)
    for browser in (ada, other):
        assert [each["id"] for each in browser.json("/cart.js")["items"]] == [medium, mug]
    other.get("/account/logout")
    assert other.json("/cart.js")["items"] == []


def test_a_signature_is_another_after_every_page_but_not_after_what_scripts_fetch(ada):
    log_in(ada)
    first = ada.cookies[SIGNATURE]
    ada.get("/cart.js")
    ada.get(f"/products/{HOODIE}.js")
    ada.get("/cdn/shop/t/1/assets/storefront.css")
    assert ada.cookies[SIGNATURE] == first
    ada.get("/")
    second = ada.cookies[SIGNATURE]
    ada.get(f"/products/{HOODIE}")
    assert len({first, second, ada.cookies[SIGNATURE]}) == 3


def test_an_old_signature_is_good_for_pages_opened_beside_each_other(ada):
    log_in(ada)
    old = ada.cookies[SIGNATURE]
    ada.get("/")
    ada.cookies[SIGNATURE] = old
    assert ada.get("/account").status == 200


def test_an_old_signature_is_no_good_for_long_and_no_use_brings_it_back(ada, monkeypatch):
    monkeypatch.setattr(customers, "GRACE_SECONDS", 0.3)
    log_in(ada)
    old = ada.cookies[SIGNATURE]
    ada.get("/")
    new = ada.cookies[SIGNATURE]

    def is_over():
        ada.cookies[SIGNATURE] = old
        return ada.get("/account").headers["Location"] == "/account/login"

    assert not is_over()
    wait_for(is_over)
    ada.cookies[SIGNATURE] = new
    assert ada.get("/account").status == 200


def test_a_password_is_in_no_repr(shop):
    assert "analytical" not in repr(Habits(customers={"ada@example.com": "analytical"}))


def test_a_shop_without_customers_lets_anybody_check_out(tmp_path):
    with Shop(ledger=tmp_path / "ledger.jsonl") as shop:
        ada = Visitor(shop.url)
        ada.add(variant_of(ada, HOODIE, "Medium"))
        assert "/checkouts/" in ada.get("/checkout").headers["Location"]
        assert 'href="/account"' not in ada.get("/").text
