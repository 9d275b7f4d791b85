"""How the demo shop may treat its visitors, asked over HTTP without a browser."""

import json
import time
from contextlib import ExitStack

import pytest

from taskq.demo.shop import Habits, Shop
from tests.conftest import wait_for
from tests.unit.test_demo_shop import HOODIE, Visitor, variant_of

PRODUCT = f"/products/{HOODIE}"


@pytest.fixture
def visit(tmp_path):
    """Open a shop with the habits named, and give its first visitor."""
    with ExitStack() as stack:

        def visit(**habits):
            shop = Shop(ledger=tmp_path / "ledger.jsonl", habits=Habits(**habits))
            return Visitor(stack.enter_context(shop).url)

        yield visit


def checkout_page(visitor):
    visitor.add(variant_of(visitor, HOODIE, "Medium"))
    return visitor.get(visitor.get("/checkout").headers["Location"]).text


def test_a_shop_without_such_habits_lays_nothing_over_its_pages(visit):
    ada = visit()
    for page in (ada.get("/").text, ada.get(PRODUCT).text, checkout_page(ada)):
        assert "data-once" not in page
        assert "apps.js" not in page


def test_a_newsletter_lies_over_products_only(visit):
    ada = visit(newsletter=True)
    assert 'role="dialog" aria-modal="true" aria-label="Newsletter"' in ada.get(PRODUCT).text
    assert "Newsletter" not in ada.get("/").text
    assert "Newsletter" not in checkout_page(ada)


@pytest.mark.parametrize("steps", ["one", "three"])
def test_a_cookie_banner_is_on_every_page(visit, steps):
    ada = visit(cookie_banner=True, steps=steps)
    for page in (ada.get("/").text, ada.get(PRODUCT).text, checkout_page(ada)):
        assert 'id="shopify-pc__banner"' in page
        assert 'id="shopify-pc__banner__btn-decline"' in page
        assert 'id="shopify-pc__banner__btn-accept"' in page


def test_another_countrys_store_is_another_page(visit):
    ada = visit(country_dialog=True, newsletter=True, cookie_banner=True)
    page = ada.get(PRODUCT).text
    assert '<a class="app-button" href="/de">Go to the German store</a>' in page
    assert page.count('aria-label="Close"') == 3
    assert "German store" not in ada.get("/de").text


def test_every_answer_takes_as_long_as_the_shop_is_slow_but_not_the_files_of_its_cdn(visit):
    ada = visit(answers_in=0.2)
    for path in ("/", "/cart.js", f"{PRODUCT}.js"):
        began = time.monotonic()
        ada.get(path)
        assert time.monotonic() - began >= 0.2
    began = time.monotonic()
    ada.get("/cdn/shop/t/1/assets/storefront.css")
    assert time.monotonic() - began < 0.2


def test_a_script_that_comes_late_holds_up_no_page(visit):
    script = '<script type="module" src="/cdn/shop/t/1/assets/storefront.js">'
    assert script in visit().get(PRODUCT).text
    page = visit(scripts_in=1.5).get(PRODUCT).text
    assert script not in page
    assert "1500));" in page


def test_the_checkout_begins_after_the_waiting_line(visit):
    ada = visit(queue_seconds=0.3)
    ada.add(variant_of(ada, HOODIE, "Medium"))
    assert ada.get("/checkout").headers["Location"] == "/throttle/queue"
    assert "Keep this page open" in ada.get("/throttle/queue").text
    ahead = json.loads(ada.ask("POST", "/queue/poll").text)
    assert ahead["__typename"] == "PollContinue"
    assert 0 < ahead["queueEtaSeconds"] <= 0.3

    def is_my_turn():
        return json.loads(ada.ask("POST", "/queue/poll").text)["__typename"] == "PollComplete"

    wait_for(is_my_turn)
    assert ada.get("/throttle/queue").headers["Location"] == "/checkout"
    assert "/checkouts/cn/" in ada.get("/checkout").headers["Location"]


@pytest.mark.parametrize(
    ("place", "wanted"), [("product", f"{PRODUCT}?variant=1"), ("checkout", "/checkout")]
)
def test_a_visitor_who_said_to_be_human_goes_on_to_where_they_wanted(visit, place, wanted):
    ada = visit(challenge=place)
    assert ada.get("/").status == 200
    ada.add(44120000020512)
    assert ada.get(wanted).headers["Location"] == "/challenge"
    assert "Verify that you are human" in ada.get("/challenge").text
    assert "Verify that you are human" in ada.ask("POST", "/challenge", {}, form=True).text
    assert ada.get(wanted).headers["Location"] == "/challenge"
    answer = ada.ask("POST", "/challenge", {"human": "1"}, form=True)
    assert answer.headers["Location"] == wanted
    assert ada.get(wanted).headers.get("Location") != "/challenge"


def test_a_permalink_does_not_pass_by_the_challenge(visit):
    ada = visit(challenge="checkout")
    assert ada.get("/cart/44120000020512:1").headers["Location"] == "/challenge"


@pytest.mark.parametrize(
    "path", ["/", PRODUCT, f"{PRODUCT}.js", "/cart/44120000020512:1", "/checkout"]
)
def test_a_shop_behind_a_password_shows_nothing_else(visit, path):
    ada = visit(password=True)
    assert ada.get(path).headers["Location"] == "/password"
    page = ada.get("/password").text
    assert "<summary>Enter using password</summary>" in page
    assert '<input type="password" name="password" id="Password"' in page
    again = ada.ask("POST", "/password", {"password": "please"}, form=True)
    assert "Password incorrect" in again.text
