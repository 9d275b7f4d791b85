"""Workers killed with -9: at every message, in the payment, at random. The real browser."""

import time
from itertools import product

import pytest

from tests.conftest import HOODIE, STEPS, wait_for
from tests.faults import laws
from tests.faults.conftest import in_long

pytestmark = pytest.mark.browser

PAYING = STEPS[6]


@pytest.fixture
def orders(queue, taskq, shop, ada):
    """Order hoodies one after the other, each by the worker that is there; see what became."""
    return Orders(taskq, shop, queue)


class Orders:
    def __init__(self, taskq, shop, queue):
        self._taskq = taskq
        self._queue = queue
        self._asked = ["shopify", "--url", shop.product_url(HOODIE), "--size", "Medium", "--again"]
        self.worker = None

    def killed(self, when, charges, *, after=0.0, **env):
        """One order whose worker is killed *after* seconds from the moment *when* comes true."""
        self.worker = self.worker or self._start(env)
        before = len(charges())
        task_id = self._taskq.submit(*self._asked)
        wait_for(lambda: when(self._find(task_id)), every=0.002)
        time.sleep(after)  # the moment of the kill itself, spread over the payment
        self.worker.kill()
        self.worker.wait()
        self.worker = self._start(env)
        wait_for(lambda: self._find(task_id)["outcome"], seconds=60)
        task = self._find(task_id)
        # A payment that was on its way when the worker died may still arrive.
        charged = len(charges()) - before
        assert charged <= 1
        return task, charged

    def _start(self, env):
        return self._taskq.start("work", "--id", 1, env=env)

    def _find(self, task_id):
        return next(task for task in laws.read(self._queue) if task["id"] == task_id)


SHORT = [("sqlite", STEPS[3]), ("sqlite", PAYING), ("postgres", PAYING)]
EVERY = product(("sqlite", "postgres"), STEPS[:7])


@pytest.mark.parametrize(
    ("queue", "message"),
    [*SHORT, *(pytest.param(*each, marks=pytest.mark.long) for each in EVERY if each not in SHORT)],
    indirect=["queue"],
)
def test_a_worker_killed_at_any_message_is_replaced_and_pays_once(
    orders, ledger, queue, times, figure, message
):
    number = times(1, 29)
    env = {"TASKQ_VERIFY_SECONDS": "3"}
    with laws.Observer(queue):
        ended = [
            orders.killed(lambda task: message in task["messages"], ledger.charges, **env)
            for _ in range(number)
        ]
    tasks = laws.hold(queue)

    for task, charged in ended:
        assert (task["outcome"], charged) in {("succeeded", 1), ("unknown", 0)}
        assert task["outcome"] == "succeeded" or message == PAYING
    reviews = sum(task["outcome"] == "unknown" for task, _ in ended)
    assert len(tasks) == number
    figure(
        f'kill -9 at "{message}"{laws.on(queue)}',
        f"{number} kills: 0 lost, 0 double, 0 wrong words, {reviews} asked (nothing was charged)",
    )


@pytest.mark.parametrize("queue", ["sqlite", *in_long("postgres")], indirect=True)
def test_a_worker_killed_inside_the_payment_never_pays_twice_and_finds_what_was_paid(
    orders, ledger, queue, times, figure, dice
):
    number = times(2, 100)
    ended = [
        orders.killed(
            lambda task: PAYING in task["messages"],
            ledger.charges,
            after=dice.uniform(0, 0.6),
            TASKQ_VERIFY_SECONDS="3",
        )
        for _ in range(number)
    ]
    laws.hold(queue)

    for task, charged in ended:
        assert (task["outcome"], charged) in {("succeeded", 1), ("unknown", 0)}
    charged = sum(charged for _, charged in ended)
    reviews = sum(task["outcome"] == "unknown" for task, _ in ended)
    figure(
        f"kill -9 inside the payment{laws.on(queue)}",
        f"{number} kills: {charged} charged and found, 0 double, "
        f"{reviews} asked (nothing was charged)",
    )
