"""Workers frozen past their lease, and woken: they may say what they know, and nothing else."""

import os
import signal
import time

import pytest

from tests.conftest import HOODIE, STEPS, wait_for
from tests.faults import laws
from tests.faults.conftest import in_long

LEASE = 2.0


def find(queue, task_id):
    return next(task for task in laws.read(queue) if task["id"] == task_id)


def frozen_past_its_lease(crew, queue, submit, when, awake, dice):
    """One of three workers is frozen when *when* comes true of its task, and woken later.

    It wakes at any moment from its lease's end to when the others are done with the task. What it
    takes back then, even after the others gave up looking, is worked on to its end.
    """
    with crew.working(1, 2, 3) as workers, laws.Observer(queue):
        task_id = submit()
        task = wait_for(lambda: when(t := find(queue, task_id)) and t, every=0.001, seconds=60)
        zombie = workers[int(task["worker"].partition(".")[0].removeprefix("worker-")) - 1]
        os.killpg(zombie.pid, signal.SIGSTOP)
        time.sleep(LEASE + dice.uniform(0, awake))  # the freeze itself
        os.killpg(zombie.pid, signal.SIGCONT)
        wait_for(lambda: find(queue, task_id)["outcome"], seconds=90)
    crew.drain()
    return find(queue, task_id)


@pytest.mark.browser
@pytest.mark.parametrize("queue", ["sqlite", *in_long("postgres")], indirect=True)
@pytest.mark.parametrize("message", [STEPS[6], *in_long(STEPS[4])])
def test_a_frozen_worker_writes_nothing_more_and_nobody_pays_twice(
    crew, taskq, shop, ledger, queue, ada, times, figure, dice, message
):
    number, charged = times(1, 20), 0
    workers = crew(TASKQ_LEASE_SECONDS=str(LEASE), TASKQ_VERIFY_SECONDS="4")
    asked = ["shopify", "--url", shop.product_url(HOODIE), "--size", "Medium", "--again"]
    for _ in range(number):
        before = len(ledger.charges())
        task = frozen_past_its_lease(
            workers,
            queue,
            lambda: taskq.submit(*asked),
            lambda task: message in task["messages"],
            awake=6,
            dice=dice,
        )
        paid = len(ledger.charges()) - before
        charged += paid
        assert (task["outcome"], paid) in {("succeeded", 1), ("unknown", 0)}
    laws.hold(queue)
    figure(
        f'SIGSTOP past the lease at "{message}", then SIGCONT, 3 workers{laws.on(queue)}',
        f"{number} times: {charged} charges, 0 double, no entry of a zombie out of turn",
    )
