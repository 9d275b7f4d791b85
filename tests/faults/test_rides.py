"""Workers killed with -9 at every message of a ride. The real browser."""

import json

import pytest

from taskq.models import STARTED
from tests.conftest import RIDE, RIDE_STEPS, wait_for
from tests.faults import laws

pytestmark = pytest.mark.browser

ENV = {"TASKQ_VERIFY_SECONDS": "2"}
BOOKING = RIDE_STEPS[5]
SIX = [STARTED, *RIDE_STEPS[1:6]]


@pytest.fixture
def rides(taskq, rides_that, ledger, home):
    """Take rides one after the other, each by the worker that is there; see what became."""
    app = rides_that(ledger)
    login = taskq("login", "uber", "--import", "-", stdin=json.dumps(app.signed_in()))
    assert login.returncode == 0, login.stderr
    return Rides(taskq, home, ledger)


class Rides:
    def __init__(self, taskq, home, ledger):
        self._taskq = taskq
        self._home = home
        self._ledger = ledger
        self._workers = {name: self._start(name) for name in ("worker-1", "worker-2")}
        ways = {name: name.replace("_address", "").replace("_", "-") for name in RIDE}
        self._asked = ["uber", "--again", *(f"--{ways[name]}={RIDE[name]}" for name in RIDE)]

    def killed_at(self, message):
        """One ride whose worker is killed as soon as it says *message*: the task, its bookings.

        The other worker goes on with it.
        """
        before = len(self._ledger.lines())
        task_id = self._taskq.submit(*self._asked)
        task = wait_for(lambda: self._saying(message, task_id), every=0.002)
        name = task["worker"].partition(".")[0]
        self._workers[name].kill()
        self._workers[name].wait()
        self._workers[name] = self._start(name)
        wait_for(lambda: self._find(task_id)["outcome"], seconds=60)
        return self._find(task_id), self._ledger.lines()[before:]

    def _saying(self, message, task_id):
        task = self._find(task_id)
        return any(said.startswith(message) for said in task["messages"]) and task

    def _start(self, name):
        return self._taskq.start("work", "--id", name[-1], env=ENV)

    def _find(self, task_id):
        return next(task for task in laws.read(self._home / "taskq.db") if task["id"] == task_id)


def test_a_worker_killed_at_any_message_of_a_ride_is_replaced_and_books_once(
    rides, home, times, figure
):
    number = times(1, 17)
    reviews = 0
    with laws.Observer(home / "taskq.db"):
        for message in SIX:
            for _ in range(number):
                task, booked = rides.killed_at(message)
                ended = task["outcome"], [line["trip"] for line in booked]
                assert ended in [("succeeded", [task["order"]]), ("unknown", [])]
                assert task["outcome"] == "succeeded" or message == BOOKING
                reviews += task["outcome"] == "unknown"
    laws.hold(home / "taskq.db")
    figure(
        "kill -9 at each of the first six messages of a ride",
        f"{6 * number} kills: 0 lost, 0 double bookings, 0 wrong words, {reviews} asked "
        "(nothing was booked)",
    )
