"""Ordering as a customer who is logged in."""

import json

import pytest

from tests.conftest import HOODIE, MUG

pytestmark = pytest.mark.browser

PASSWORD = "open sesame"


@pytest.fixture
def customers(shop_that):
    """A shop that sells to customers alone."""
    return shop_that(account_required=True, customers={"ada@example.com": PASSWORD})


@pytest.fixture
def logged_in(browser, customers, taskq, home):
    """Log in as a person does, maybe do something more, and bring the login to taskq."""

    def log_in(more=None):
        async def by_hand(page):
            await page.goto(f"{customers.url}/account/login")
            await page.locator('[name="customer[email]"]').fill("ada@example.com")
            await page.locator('[name="customer[password]"]').fill(PASSWORD)
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/account")
            if more:
                await more(page)
            return await page.context.storage_state()

        (home / "state.json").write_text(json.dumps(browser.live(by_hand)))
        url = f"{customers.url}/account"
        done = taskq("login", "shop", "--url", url, "--import", home / "state.json")
        assert done.returncode == 0, done.stderr

    return log_in


def test_a_customer_orders_twice_with_one_login_that_the_shop_renews_at_every_page(
    taskq, customers, ledger, ada, logged_in
):
    logged_in()
    urls = [customers.product_url(handle) for handle in (HOODIE, MUG)]
    taskq.submit("shopify", "--url", urls[0], "--size", "Medium", "--account", "shop")
    taskq.submit("shopify", "--url", urls[1], "--account", "shop")
    worked = taskq("work", "--drain", "--concurrency", "2", "--per-shop", "2")

    assert worked.returncode == 0, worked.stderr
    assert [charge["items"][0]["product"] for charge in ledger.charges()] == [HOODIE, MUG]
    assert taskq("login", "shop", "--check").returncode == 0


@pytest.fixture
def with_cart(customers, logged_in):
    """Log in with something in the customer's cart."""

    def fill(handle):
        async def add(page):
            await page.goto(customers.product_url(handle))
            async with page.expect_response("**/cart/add.js"):
                await page.locator(".product-form [name=add]").click()

        logged_in(add)

    return fill


def test_a_cart_that_already_holds_something_is_not_bought_and_not_touched(
    taskq, customers, ledger, ada, with_cart
):
    with_cart(MUG)
    url = customers.product_url(HOODIE)
    ordered = ["submit", "shopify", "--url", url, "--size", "Medium", "--account", "shop"]
    said = [taskq(*ordered, "--work").returncode, taskq.task("@")["error_message"]]
    taskq("retry", "@")
    taskq("work", "--drain")

    assert said == [
        1,
        "the cart holds Enamel Camp Mug: it must hold this alone; empty it in the shop",
    ]
    assert taskq.task("@")["error_message"] == said[1]
    assert ledger.lines() == []


def test_what_an_earlier_attempt_left_in_the_cart_is_not_added_again(
    taskq, customers, ledger, ada, with_cart
):
    with_cart(MUG)
    url = customers.product_url(MUG)
    done = taskq("submit", "shopify", "--url", url, "--account", "shop", "--work")

    assert done.returncode == 0, done.stdout
    assert [item["quantity"] for item in ledger.charges()[0]["items"]] == [1]
