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

    def log_in():
        async def by_hand(page):
            await page.goto(f"{customers.url}/account/login")
            await page.locator('[name="customer[email]"]').fill("ada@example.com")
            await page.locator('[name="customer[password]"]').fill(PASSWORD)
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/account")
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
