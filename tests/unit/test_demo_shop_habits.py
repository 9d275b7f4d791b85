"""How the demo shop may treat its visitors, asked over HTTP without a browser."""

from contextlib import ExitStack

import pytest

from taskq.demo.shop import Habits, Shop
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
