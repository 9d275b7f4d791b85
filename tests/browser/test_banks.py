"""Banks that ask the card's owner before they pay (3-D Secure)."""

import asyncio

import pytest

from taskq import settings
from taskq.errors import Declined, TaskFailed
from taskq.handlers.shopify import place_order
from tests.conftest import HOODIE

pytestmark = pytest.mark.browser

AT_A_WINDOW = "Waiting for you: confirm the payment with your bank"
ELSEWHERE = "The bank asks the card's owner to confirm"


@pytest.fixture
def order_with(buyer, shop_that):
    """Order where the bank asks, and let its owner press a button there, or nobody."""

    def order(how, button, **given):
        buyer.settings = settings.load(**given)

        async def live(run):
            ordering = asyncio.ensure_future(place_order(run))
            try:
                if button:
                    await asked(run, how).get_by_role("button", name=button).click(timeout=50_000)
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
