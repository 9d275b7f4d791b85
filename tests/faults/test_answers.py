"""Answers lost after the charge: a 500, a dropped connection, a silence, an unknown page."""

import threading

import pytest

from taskq.demo.shop import Shop
from tests.conftest import HOODIE, TEE, Ledger
from tests.faults import laws
from tests.faults.conftest import in_long

pytestmark = pytest.mark.browser


class Troubled(Shop):
    """A shop whose bank is fine and whose answer is not."""

    def answer_payment(self, request, receipt):
        if self.trouble == "500":
            raise RuntimeError("after the charge")
        if self.trouble == "hang up":
            raise ConnectionError("after the charge")
        if self.trouble == "hang":
            self.closing.wait(60)
        elif self.trouble == "unknown page":
            request.answer_json({"redirect": "/pages/please-wait"})
        elif self.trouble == "3-D Secure":
            request.answer_json({"redirect": f"{self.vault_url}/3ds/challenge"})


@pytest.fixture
def troubled(home):
    ledger = Ledger(home / "troubled.jsonl")
    with Troubled(ledger=ledger.path, port=0) as shop:
        shop.closing = threading.Event()
        yield shop, ledger
        shop.closing.set()


TROUBLES = ["500", "hang up", "hang", "unknown page", "3-D Secure"]


@pytest.mark.parametrize("trouble", [*TROUBLES[:3], *in_long(*TROUBLES[3:])])
def test_an_answer_lost_after_the_charge_is_looked_for_and_never_sent_again(
    taskq, troubled, home, ada, is_long, figure, trouble
):
    shop, ledger = troubled
    shop.trouble = trouble
    number = 100 if is_long and trouble in TROUBLES[:3] else 1
    sizes = [(HOODIE, "Medium"), (HOODIE, "Large"), (TEE, "S"), (TEE, "M")]
    for n in range(number):
        product, size = sizes[n % len(sizes)]
        taskq.submit("shopify", "--url", shop.product_url(product), "--size", size, "--again")
    waits = {"TASKQ_ANSWER_SECONDS": "3"}
    worked = taskq("work", "--drain", "-c", 3, "--per-shop", 3, env=waits, timeout=1800)
    tasks = laws.hold(home / "taskq.db")

    assert worked.returncode == 0
    assert {task["outcome"] for task in tasks} == {"succeeded"}
    assert all(any(m.startswith("Looking for") for m in task["messages"]) for task in tasks)
    assert [line["result"] for line in ledger.lines()] == ["charged"] * number
    orders = {f"#{task['order']}" for task in tasks}
    assert orders == {charge["order"] for charge in ledger.charges()}
    figure(
        f"{trouble} after the charge",
        f"{number} orders: {len(orders)} found, one POST each, 0 wrong words, 0 double",
    )


def test_an_answer_lost_before_the_charge_ends_as_a_question(taskq, shop, ledger, ada, monkeypatch):
    def broken(self, checkout, card):
        raise RuntimeError("before the charge")

    monkeypatch.setattr(type(shop), "pay", broken)
    url = shop.product_url(HOODIE)
    task_id = taskq.submit("shopify", "--url", url, "--size", "Medium")
    taskq("work", "--drain", env={"TASKQ_VERIFY_SECONDS": "1"})
    task = taskq.task(task_id)

    assert task["outcome"] == "unknown"
    assert task["error_message"].startswith("Needs review: a payment of 164.96 USD to 127.0.0.1:")
    assert f"taskq resolve {task_id} --done --reference ORDER" in task["error_message"]
    assert ledger.charges() == []
