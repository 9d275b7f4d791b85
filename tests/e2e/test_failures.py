"""Every failure a shop can cause ends in one sentence, a picture, and a ledger that agrees."""

import json
from pathlib import Path

import pytest

from tests.conftest import HOODIE, MUG

pytestmark = pytest.mark.browser

FAILURES = [
    ({"password": True}, HOODIE, [], "Checkout failed: the store is password protected"),
    ({}, "no-such-thing", [], "Checkout failed: there is no such product (404)"),
    ({}, HOODIE, ["--size", "XXL"], "Checkout failed: size XXL is not offered (Small, Medium,"),
    ({}, HOODIE, ["--size", "X-Large"], "Checkout failed: size X-Large is sold out (there is:"),
    ({}, MUG, ["--option", "Color=Red"], "Checkout failed: there is no option Color (there is:"),
    ({}, MUG, ["--max-price", "20"], "Checkout failed: total 27.49 USD is above the limit of 20"),
    ({"challenge": "checkout"}, MUG, [], "Checkout failed: the store asks to verify that a human"),
    ({"account_required": True}, MUG, [], "Checkout failed: the store requires an account. Log"),
    ({"card_fields": "page"}, MUG, [], "Checkout failed: the shop asks for the card in its own"),
    (
        {"steps": "three"},
        MUG,
        ["--shipping", "Drone"],
        "Checkout failed: there is no shipping meth",
    ),
]


def test_a_failure_is_told_in_one_sentence_with_a_picture_and_no_charge(
    taskq, shop_that, ledger, ada
):
    ids = []
    for habits, handle, more, _ in FAILURES:
        url = shop_that(**habits).product_url(handle)
        size = [] if handle == MUG or "--size" in more else ["--size", "Medium"]
        ids.append(taskq.submit("shopify", "--url", url, *size, *more))
    worked = taskq("work", "--drain", "--concurrency", "3", timeout=120)

    assert worked.returncode == 0, worked.stderr
    assert "Traceback" not in worked.stdout + worked.stderr
    for task_id, (*_, said) in zip(ids, FAILURES, strict=True):
        watched = taskq("watch", task_id, "--json")
        task = json.loads(watched.stdout.splitlines()[-1])
        last = task["result_data"]["progress"][-1]["message"]
        assert last.startswith(said)
        assert (watched.returncode, task["outcome"]) == (1, "failed")
        for name in ("failure", "page"):
            kept = Path(task["result_data"]["artifacts"][name])
            assert kept.stat().st_mode & 0o777 == 0o600
            assert kept.parent.name == task_id
    assert ledger.lines() == []
