"""Banks that ask the card's owner before they pay (3-D Secure)."""

import asyncio

import pytest

from taskq import settings
from taskq.errors import Declined, TaskFailed
from taskq.handlers.shopify import bank, place_order
from tests.conftest import HOODIE, wait_for

pytestmark = pytest.mark.browser

AT_A_WINDOW = "Waiting for you: confirm the payment with your bank"
ELSEWHERE = "The bank asks the card's owner to confirm"


@pytest.fixture
def order_with(buyer, shop_that):
    """Order where the bank asks, and let its owner press a button there, or nobody."""

    def order(how, button, meanwhile=None, **given):
        buyer.settings = settings.load(**given)

        async def live(run):
            ordering = asyncio.ensure_future(place_order(run))
            try:
                if button:
                    owner = asked(run, how).get_by_role("button", name=button)
                    await owner.wait_for(timeout=50_000)
                    if meanwhile:
                        await meanwhile(run)
                    await owner.click()
                return await ordering
            finally:
                ordering.cancel()

        def asked(run, how):
            frames = run.page.frame_locator("iframe:not([name^=card-fields])")
            return run.page if how == "redirect" else frames

        return buyer.at(shop_that(three_d_secure=how).product_url(HOODIE), live, size="Medium")

    return order


@pytest.mark.parametrize("how", ["redirect", "frame"])
def test_what_the_owner_approves_at_the_window_is_ordered_once(order_with, buyer, ledger, how):
    result = order_with(how, "Approve", headed=True)

    assert result["order"] == "1001"
    assert [line["result"] for line in ledger.lines()] == ["charged"]
    assert buyer.entries() in ([], [AT_A_WINDOW])


@pytest.mark.parametrize("how", ["redirect", "frame"])
def test_what_the_owner_refuses_is_declined_in_the_shops_words(order_with, ledger, how):
    with pytest.raises(Declined, match=r"payment couldn.t be verified"):
        order_with(how, "Refuse")
    assert ledger.charges() == []


@pytest.mark.parametrize(
    ("how", "headed", "said"), [("redirect", False, ELSEWHERE), ("frame", True, AT_A_WINDOW)]
)
def test_what_nobody_answers_is_told_and_then_looked_for(
    order_with, buyer, ledger, how, headed, said
):
    with pytest.raises(TaskFailed, match="its answer did not come"):
        order_with(how, None, headed=headed, answer_seconds=4, person_seconds=1)

    assert buyer.entries() == [said]
    assert ledger.lines() == []


def test_an_unanswered_bank_leaves_an_open_question_not_a_failure(taskq, shop_that, ledger, ada):
    soon = {"TASKQ_ANSWER_SECONDS": "1", "TASKQ_VERIFY_SECONDS": "1"}
    url = shop_that(three_d_secure="redirect").product_url(HOODIE)
    done = taskq("submit", "shopify", "--url", url, "--size", "Medium", "--work", env=soon)
    task = taskq.task("@")

    assert done.returncode == 7
    assert task["outcome"] == "unknown"
    assert task["error_message"].startswith("Needs review:")
    assert ledger.lines() == []


def test_what_the_banks_page_says_is_not_the_shops_word(order_with, ledger):
    async def wrong_code(run):
        said = "<p class='notice--error'>Your code couldn't be verified. Try again.</p>"
        await run.page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", said)
        await run.page.locator(".notice--error").wait_for()
        await run.page.evaluate("new Promise(done => setTimeout(done, 500))")

    assert order_with("redirect", "Approve", wrong_code)["order"] == "1001"
    assert len(ledger.charges()) == 1


def test_a_banks_dialog_is_not_closed_and_its_owner_has_the_time_of_a_person(
    order_with, buyer, ledger
):
    async def with_a_way_out(run):
        await run.page.evaluate(
            """() => {
              const button = document.createElement('button');
              button.setAttribute('aria-label', 'Close');
              button.onclick = () => { window.closed_it = true };
              document.querySelector('[role=dialog]').prepend(button);
            }"""
        )
        await asyncio.to_thread(wait_for, lambda: buyer.entries() == [AT_A_WINDOW])
        await asyncio.sleep(2)  # now it is later than the shop alone would be waited for
        assert await run.page.evaluate("window.closed_it") is None

    order_with("frame", "Approve", with_a_way_out, headed=True, answer_seconds=3.5)

    assert len(ledger.charges()) == 1


def test_a_bank_is_what_comes_after_the_press_is_seen_and_stays(browser, shop):
    frame = """({ id, size }) => {
      const frame = Object.assign(document.createElement('iframe'), { id });
      Object.assign(frame, { src: `${VAULT}/3ds/nothing?${id}`, width: size, height: size });
      document.body.prepend(frame);
    }""".replace("${VAULT}", shop.vault_url)

    async def asked(page, there_was, seconds=3.0):
        try:
            await asyncio.wait_for(bank._asks(page, there_was), seconds)
        except TimeoutError:
            return False
        return True

    async def live(page):
        await page.goto(shop.url)
        await page.evaluate(frame, {"id": "earlier", "size": 400})
        await page.frame_locator("#earlier").locator("body").wait_for(state="attached")
        there_was = bank.before(page)
        await page.evaluate(frame, {"id": "counter", "size": 10})
        nobody = await asked(page, there_was)
        await page.evaluate(frame, {"id": "bank", "size": 400})
        too_soon = await asked(page, there_was, 1.0)
        return nobody, too_soon, await asked(page, there_was, 10.0)

    assert browser.live(live) == (False, False, True)
