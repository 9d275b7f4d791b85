"""Workers told to leave, alone or with their whole group, at every message."""

import os
import signal

import pytest

from tests.conftest import HOODIE, STEPS, wait_for
from tests.faults import laws
from tests.faults.conftest import in_long

pytestmark = pytest.mark.browser

PAYING = STEPS[6]
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


# One signal for each; the long form takes every message, with every signal.
SHORT = {STEPS[0]: signal.SIGTERM, STEPS[4]: signal.SIGINT, PAYING: signal.SIGHUP}


@pytest.mark.parametrize("message", [*SHORT, *in_long(*(m for m in STEPS[:7] if m not in SHORT))])
def test_a_signal_to_the_whole_group_ends_the_worker_in_order(
    taskq, shop, ledger, home, ada, is_long, figure, message
):
    asked = ["shopify", "--url", shop.product_url(HOODIE), "--size", "Medium", "--again"]
    for signalled in SIGNALS if is_long else [SHORT[message]]:
        task_id = taskq.submit(*asked)
        worker = taskq.start("work", "--id", 1)
        wait_for(lambda: message in laws.read(home / "taskq.db")[-1]["messages"], every=0.002)
        os.killpg(worker.pid, signalled)

        assert worker.wait(20 if message == PAYING else 10) == 0
        task = laws.read(home / "taskq.db")[-1]
        assert task["id"] == task_id
        if message == PAYING:
            assert task["outcome"] == "succeeded"
            assert f"finishing {task_id}: payment in progress" in taskq.output(worker)
        else:
            assert (task["current_status"], task["max_attempts"]) == ("pending", 4)
            assert task["messages"][-1] == "Worker stopped: back in the queue"
            assert taskq("work", "--drain").returncode == 0
    tasks = laws.hold(home / "taskq.db")

    assert {task["outcome"] for task in tasks} == {"succeeded"}
    assert len(ledger.charges()) == len(tasks)
    figure(
        f'SIGTERM, Ctrl-C and SIGHUP to the group at "{message}"',
        f"{len(tasks)} signals: left in time, 0 asked, 0 attempts lost, 0 double",
    )
