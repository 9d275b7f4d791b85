"""Two hosts at one queue, one of them cut off: the wire goes while its shop is still reached."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from contextlib import ExitStack, closing

import pytest

from taskq.demo.shop import Shop
from taskq.stores import open_store
from taskq.stores.postgres import making
from tests.conftest import HOODIE, STEPS, Ledger, require, wait_for
from tests.faults import laws
from tests.faults.conftest import COURIER
from tests.faults.hosts import Host, are_possible
from tests.postgres import Postgres
from tests.till import Till

LEASE = 4
SLOW = 1.2
"""How long a payment takes: the wire goes in the middle of it, and its worker hears the answer."""
COURIERS = ("--import", COURIER, "--type", "parcel")


class Hosts:
    """Two hosts, a server between them, and whoever works on each."""

    def __init__(self, taskq, home, stack):
        self._taskq = taskq
        self._home = home
        self.one, self.other = (stack.enter_context(closing(Host(n))) for n in ("one", "other"))
        self.server = stack.enter_context(closing(Postgres(self.one.server, self.other.server)))
        making.init(self.server.make("tasks"))
        self.url = self.server.url("tasks")
        self.working = []

    def work(self, host, number, *options, window=3):
        """Start a worker on *host*, and wait until it is entered."""
        env = {
            "TASKQ_DB": self.server.url("tasks", host=host.server),
            "TASKQ_DATA_DIR": str(self._home / host.name),
            "TASKQ_LEASE_SECONDS": str(LEASE),
            "TASKQ_VERIFY_SECONDS": str(window),
        }
        command = ("work", "--id", number, *options)
        worker = self._taskq.start(*command, env=env, through=host.through)
        self.working.append(worker)
        with closing(open_store(self.url)) as store:
            wait_for(lambda: number in {int(w.name[7:]) for w in store.workers()})
            (entered,) = [w for w in store.workers() if w.name == f"worker-{number}"]
        assert entered.process.host == host.name
        return worker

    def task(self):
        (task,) = laws.read(self.url)
        return task

    def leave(self):
        """Every worker is told to leave, and does."""
        for worker in self.working:
            os.killpg(worker.pid, signal.SIGTERM)
        return [worker.wait(30) for worker in self.working]

    def kill(self):
        for worker in self.working:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait(10)


@pytest.fixture
def hosts(as_root, taskq, home):
    require("ip", shutil.which("ip"))
    require("namespaces", are_possible())
    with ExitStack() as stack:
        opened = Hosts(taskq, home, stack)
        stack.callback(opened.kill)
        yield opened


@pytest.fixture
def outcomes(hosts):
    """Every word the queue said of the task meanwhile."""
    said, over = set(), threading.Event()

    def look():
        while not over.wait(0.05):
            said.update((task["current_status"], task["outcome"]) for task in laws.read(hosts.url))

    looking = threading.Thread(target=look)
    looking.start()
    yield said
    over.set()
    looking.join()


MAY_BE_SAID = {
    ("pending", None),
    ("processing", None),
    ("failed", "unknown"),
    ("completed", "succeeded"),
}


def is_paid_once_and_told_so(hosts, outcomes, charges):
    """The wire goes in the payment, and comes back when the other host has had its say."""
    hosts.one.cut()
    wait_for(charges)
    wait_for(lambda: (t := hosts.task())["attempt"] > 1 and t["outcome"], seconds=60)
    assert hosts.task()["outcome"] == "unknown"
    hosts.one.mend()
    wait_for(lambda: hosts.task()["outcome"] == "succeeded", seconds=90)

    assert len(charges()) == 1
    assert outcomes <= MAY_BE_SAID
    ends = hosts.leave()
    assert ends[0] in {0, 5}  # a worker whose database was away goes home in order
    assert ends[1] == 0


def test_a_host_cut_off_in_the_payment_tells_of_it_once_it_is_back(
    hosts, outcomes, parcels_at, figure
):
    with hosts.one.inside():
        till = Till(SLOW)
    with closing(till):
        parcels_at(hosts.url, till)
        hosts.work(hosts.one, 1, *COURIERS)
        wait_for(lambda: hosts.task()["worker"])
        hosts.work(hosts.other, 2, *COURIERS)
        wait_for(lambda: "Paying" in hosts.task()["messages"])
        is_paid_once_and_told_so(hosts, outcomes, lambda: till.charges)
        (task,) = laws.hold(hosts.url, lambda _: [at for _, at in till.charges])

    assert task["messages"][-1] == "Delivered"
    figure("a host of two cut off in the payment", "1 charge, found by whoever made it")


def test_a_host_that_is_back_in_time_looks_for_what_it_paid_itself(hosts, outcomes, parcels_at):
    """Its worker gave up waiting for the answer, and the other host leaves the order to it."""
    with hosts.one.inside():
        till = Till(6.0)
    with closing(till):
        parcels_at(hosts.url, till)
        hosts.work(hosts.one, 1, *COURIERS, window=60)
        wait_for(lambda: hosts.task()["worker"])
        hosts.work(hosts.other, 2, *COURIERS, window=60)
        wait_for(lambda: "Paying" in hosts.task()["messages"])
        hosts.one.cut()
        wait_for(lambda: till.charges)
        time.sleep(LEASE)  # its lease is over, and it knows
        hosts.one.mend()
        hosts.work(hosts.one, 3, *COURIERS, window=60)
        wait_for(lambda: hosts.task()["outcome"], seconds=30)
        laws.hold(hosts.url, lambda _: [at for _, at in till.charges])

    assert len(till.charges) == 1
    assert outcomes <= MAY_BE_SAID - {("failed", "unknown")}


@pytest.fixture
def parcels_at(parcels):
    """Submit one parcel to the queue at an address, to be paid at a till."""

    def submit(url, till):
        return parcels(1, db=url, till=till.port, pause=0.3)

    return submit


def test_a_host_cut_off_before_the_payment_never_pays_what_another_took_over(
    hosts, outcomes, parcels_at
):
    with hosts.one.inside():
        first = Till()
    with hosts.other.inside():
        second = Till(port=first.port)
    with closing(first), closing(second):
        parcels_at(hosts.url, first)
        hosts.work(hosts.one, 1, *COURIERS)
        wait_for(lambda: hosts.task()["messages"][1:])  # packing
        hosts.one.cut()
        hosts.work(hosts.other, 2, *COURIERS)
        wait_for(lambda: hosts.task()["outcome"], seconds=60)
        hosts.one.mend()
        time.sleep(LEASE)  # whatever the first one still might do
        laws.hold(hosts.url, lambda _: [at for _, at in first.charges + second.charges])

    assert (len(first.charges), len(second.charges)) == (0, 1)
    assert outcomes <= MAY_BE_SAID


class SlowToAnswer(Shop):
    """A shop whose bank is quick and whose answer is not."""

    def answer_payment(self, request, receipt):
        time.sleep(SLOW)
        super().answer_payment(request, receipt)


@pytest.mark.browser
@pytest.mark.long
def test_an_order_whose_host_is_cut_off_in_the_payment_is_told_of_once_it_is_back(
    hosts, outcomes, taskq, home, ada, figure
):
    ledger = Ledger(home / "ledger.jsonl")
    with hosts.one.inside():
        shop = SlowToAnswer(ledger=ledger.path, port=0)
    with shop:
        env = {"TASKQ_DB": hosts.url}
        url = shop.product_url(HOODIE)
        taskq.submit("shopify", "--url", url, "--size", "Medium", env=env)
        hosts.work(hosts.one, 1)
        wait_for(lambda: hosts.task()["worker"])
        hosts.work(hosts.other, 2)
        wait_for(lambda: STEPS[6] in hosts.task()["messages"])
        is_paid_once_and_told_so(hosts, outcomes, ledger.charges)
        laws.hold(hosts.url)

    assert hosts.task()["messages"][-1] == STEPS[7]
    figure("a host of two cut off in the payment of an order", "1 charge, told by its own host")
