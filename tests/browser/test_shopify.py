import json

import pytest

from taskq import profiles
from taskq.errors import TaskFailed
from taskq.handlers.shopify import address
from taskq.handlers.shopify.card import is_card_host
from tests.conftest import ADA, HOODIE, MUG, STEPS, messages

pytestmark = pytest.mark.browser


def order(taskq, url, *more, env=None):
    """Submit one order and work it here; (exit code, the task)."""
    done = taskq("submit", "shopify", "--url", url, "--work", *more, env=env)
    return done.returncode, json.loads(taskq("status", "@", "--json").stdout)


def test_an_order_leaves_its_number_its_pictures_and_one_charge(taskq, shop, ledger, ada):
    code, task = order(taskq, shop.product_url(HOODIE), "--size", "Medium")
    (charge,) = ledger.charges()

    assert code == 0
    assert messages(task) == STEPS
    assert task["result_data"]["order"] == charge["order"].lstrip("#")
    assert set(task["result_data"]["artifacts"]) == {"order-summary", "thank-you"}
    assert charge["items"][0]["variant"] == "Medium"
    assert charge["ship_to"]["name"] == "Ada Lovelace"
    assert ledger.lines() == [charge]


def test_nobody_is_signed_up_for_a_newsletter(at_checkout):
    async def ticked_after_filling(run, _):
        box = run.page.locator("#marketing_opt_in")
        before = await box.is_checked()
        await address.fill(run.page, run.profile)
        return before, await box.is_checked()

    assert at_checkout(ticked_after_filling, handle=MUG, size=None) == (True, False)


def test_a_shop_that_does_not_answer_fails_as_such(taskq, ada):
    code, task = order(taskq, "http://127.0.0.1:9/products/x")

    assert code == 1
    assert "the shop cannot be reached" in task["error_message"]


def test_the_profiles_own_limit_holds_as_well(buyer, shop, ledger):
    buyer.profile = profiles.from_answers({**ADA, "max_price": "100"})

    with pytest.raises(TaskFailed, match=r"total 164\.96 USD is above the limit of 100"):
        buyer.order(shop.product_url(HOODIE))
    assert ledger.lines() == []


def test_a_dry_run_needs_no_card_and_buys_nothing(taskq, shop, ledger, ada):
    nothing = {f"TASKQ_CARD_{part}": "" for part in ("NUMBER", "EXPIRY", "CVC", "NAME")}
    url = shop.product_url(HOODIE)
    code, task = order(taskq, url, "--size", "Medium", "--dry-run", env=nothing)

    assert code == 0
    assert messages(task)[-1] == "Dry run: nothing was bought, total 164.96 USD"
    assert task["result_data"]["dry_run"] is True
    assert [line["mark"] for line in task["timeline"]["lines"]][-2:] == ["skipped", "skipped"]
    assert ledger.lines() == []


def test_a_refused_card_fails_in_the_shops_words_and_may_be_tried_again(taskq, shop, ledger, ada):
    refused = {"TASKQ_CARD_NUMBER": "2"}
    url = shop.product_url(HOODIE)
    code, task = order(taskq, url, "--size", "Medium", env=refused)
    again = taskq("retry", task["task_id"])
    worked = taskq("work", "--drain")

    assert code == 1
    assert task["outcome"] == "failed"
    assert messages(task)[-1] == f"Checkout failed: {task['error_message']}"
    assert "issue processing your payment" in task["error_message"]
    assert set(task["result_data"]["artifacts"]) == {"order-summary", "failure"}
    assert (again.returncode, worked.returncode) == (0, 0)
    assert len(ledger.charges()) == 1


def test_a_finished_purchase_is_no_obstacle_to_the_next_but_an_open_question_is(
    taskq, shop, ledger, ada, monkeypatch
):
    def broken(self, checkout, card):
        raise RuntimeError("nobody knows")

    url = shop.product_url(HOODIE)
    with monkeypatch.context() as for_now:
        for_now.setattr(type(shop), "pay", broken)
        code, task = order(taskq, url, "--size", "Medium", env={"TASKQ_VERIFY_SECONDS": "1"})
    second = taskq("submit", "shopify", "--url", url, "--size", "Medium")
    review = taskq("resolve", task["task_id"], "--not-done", "--retry")
    worked = taskq("work", "--drain")

    assert (code, task["outcome"]) == (7, "unknown")
    assert second.returncode == 6
    assert task["task_id"] in second.stderr
    assert (review.returncode, worked.returncode) == (0, 0)
    assert len(ledger.charges()) == 1


@pytest.mark.parametrize(
    ("frame", "shop_url", "allowed"),
    [
        ("https://checkout.pci.shopifyinc.com/build/1/number-ltr.html", "https://kith.com/", True),
        ("https://checkout.shopifycs.com/number", "https://kith.com/", True),
        ("http://checkout.shopifycs.com/number", "https://kith.com/", False),
        ("https://evil.example/number", "https://kith.com/", False),
        ("https://checkout.shopifycs.com.evil.example/", "https://kith.com/", False),
        ("http://127.0.0.1:9/number", "https://kith.com/", False),
        ("http://localhost:9/number", "http://127.0.0.1:8/", True),
        ("https://evil.example/number", "http://127.0.0.1:8/", False),
    ],
)
def test_a_card_is_typed_into_shopifys_own_frames_only(frame, shop_url, allowed):
    assert is_card_host(frame, shop_url) is allowed
