"""A database that crashes or hangs, and comes back, while tasks are being paid."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
import requests

from taskq.stores.postgres import making
from tests.conftest import HOODIE, wait_for
from tests.faults import laws
from tests.postgres import Postgres


@pytest.fixture
def server(monkeypatch):
    """A server that may come to harm, with this test's queue."""
    with closing(Postgres()) as own:
        making.init(own.make("tasks"))
        monkeypatch.setenv("TASKQ_DB", own.url("tasks"))
        yield own


def restarts(server, number, seconds, dice):
    """Restart it so often, as `pg_ctl restart -m immediate` does, spread over these seconds."""
    for _ in range(number):
        away = dice.uniform(0, seconds / number / 2)
        time.sleep(seconds / number - away)  # the time between two crashes
        server.stop()
        time.sleep(away)  # the time without a database
        server.start()


def none_is_left(server):
    asked = "select count(*) from tasks where current_status not in ('completed', 'failed')"
    return server.run(asked, database="tasks") == [(0,)]


def worked_off(server, crew, workers):
    """Wait until every task has ended, then all leave; how many workers went home before.

    One whose database fails may go home in order: another takes its place.
    """
    went_home = 0
    while not none_is_left(server):
        for place, worker in enumerate(workers):
            if worker.poll() is not None:
                assert worker.returncode == 5
                went_home += 1
                workers[place] = crew.start(place + 1)
        time.sleep(0.1)
    for worker in workers:
        worker.terminate()
    assert {worker.wait(30) for worker in workers} <= {0, 5}
    return went_home


def test_tasks_are_paid_once_over_restarts_of_the_database(
    server, couriers, parcels, lawful, times, figure, dice
):
    number, seconds = times((2, 4), (10, 30))
    ids = parcels(times(20, 120), pause=times(0.1, 0.25))
    crew = couriers("-c", 4, TASKQ_LEASE_SECONDS="5", TASKQ_VERIFY_SECONDS="5")
    workers = [crew.start(1), crew.start(2)]
    restarts(server, number, seconds, dice)
    went_home = worked_off(server, crew, workers)
    crew.drain()
    tasks = lawful()

    assert len(tasks) == len(ids)
    assert {task["outcome"] for task in tasks} <= {"succeeded", "unknown"}
    asked = sum(task["outcome"] == "unknown" for task in tasks)
    figure(
        f"{number} crashes of Postgres in {seconds} s, {len(ids)} tasks",
        f"every one paid at most once, {asked} asked, {went_home} workers went home",
    )


def test_tasks_are_paid_once_over_a_database_that_hangs(server, couriers, parcels, lawful, figure):
    """It hangs for longer than a lease, in the middle of payments, and then goes on."""
    parcels(12, pause=0.05)
    crew = couriers("-c", 3, TASKQ_LEASE_SECONDS="3", TASKQ_VERIFY_SECONDS="3")
    workers = [crew.start(1), crew.start(2)]
    paying = "select count(*) from tasks where intent is not null and current_status = 'processing'"
    wait_for(lambda: server.run(paying, database="tasks") != [(0,)], every=0.002)
    server.freeze()
    time.sleep(7)  # the hang itself
    server.thaw()
    went_home = worked_off(server, crew, workers)
    tasks = lawful()

    assert {task["outcome"] for task in tasks} <= {"succeeded", "unknown"}
    asked = sum(task["outcome"] == "unknown" for task in tasks)
    figure(
        "a Postgres that hangs for two leases, 12 tasks", f"{asked} asked, {went_home} went home"
    )


@pytest.mark.long
def test_what_a_payment_came_to_is_kept_while_the_database_is_away(
    server, couriers, parcels, lawful, till, taskq
):
    """The worker is told to leave at once, and does; the next one tells what it knew."""
    till.seconds = 1.0
    (task_id,) = parcels(1)
    crew = couriers()
    worker = crew.start(1)
    wait_for(lambda: "Paying" in laws.read(server.url("tasks"))[0]["messages"])
    server.stop()
    wait_for(lambda: till.charges)
    wait_for(lambda: "Trying for a minute" in taskq.output(worker), seconds=60)
    for asked in range(3):
        worker.terminate()
        wait_for(lambda asked=asked: taskq.output(worker).count("finishing") > asked)
    left = worker.wait(60)
    server.start()
    crew.drain()
    (task,) = lawful()

    assert left == 5
    assert "Traceback" not in taskq.output(worker)
    assert f"How task {task_id} ended is kept in" in taskq.output(worker)
    assert server.password not in taskq.output(worker)
    assert (task["outcome"], task["order"]) == ("succeeded", "1001")
    assert len(till.charges) == 1


@pytest.mark.long
def test_a_worker_whose_database_is_away_waits_or_goes_home_with_a_sentence(
    server, couriers, parcels, lawful, taskq
):
    crew = couriers()
    patient, leaving = crew.start(1), crew.start(2)
    wait_for(lambda: all("Waiting" in taskq.output(each) for each in (patient, leaving)))
    server.stop()
    wait_for(lambda: "cannot be reached" in taskq.output(leaving), seconds=60)
    leaving.terminate()
    left = leaving.wait(40)
    server.start()
    parcels(1)
    worked_off(server, crew, [patient])

    assert left in {0, 5, -signal.SIGTERM}  # the last where it was just going home
    for each in (patient, leaving):
        assert "Traceback" not in taskq.output(each)
        assert server.password not in taskq.output(each)
    assert [task["outcome"] for task in lawful()] == ["succeeded"]


def test_who_watches_goes_on_watching_over_a_restart(server, couriers, parcels, taskq, serve):
    (task_id,) = parcels(1, pause=0.5)
    served = serve()
    watching = taskq.start("watch", task_id)
    asking = ThreadPoolExecutor(1).submit(
        lambda: requests.get(f"{served.url}/tasks/{task_id}?wait=40", timeout=60).json()
    )
    worker = couriers().start(1)
    wait_for(lambda: "Packing" in taskq.output(watching))
    server.stop()
    time.sleep(0.5)  # the time without a database
    server.start()

    assert watching.wait(40) == 0
    assert "Delivered" in taskq.output(watching)
    assert asking.result(60)["outcome"] == "succeeded"
    worker.terminate()
    assert worker.wait(20) == 0
    assert served.close() == 0


@pytest.mark.browser
@pytest.mark.long
def test_orders_are_paid_once_over_restarts_of_the_database(
    server, crew, taskq, shop, ledger, ada, figure, dice
):
    asked = ["shopify", "--url", shop.product_url(HOODIE), "--size", "Medium", "--again"]
    for _ in range(8):
        taskq.submit(*asked)
    workers = crew("-c", 2, "--per-shop", 2, TASKQ_LEASE_SECONDS="5", TASKQ_VERIFY_SECONDS="5")
    workers.start(1)
    restarts(server, 10, 30, dice)
    wait_for(lambda: workers.drain() or none_is_left(server), seconds=120)
    tasks = laws.hold(server.url("tasks"))

    succeeded = sum(task["outcome"] == "succeeded" for task in tasks)
    assert {task["outcome"] for task in tasks} <= {"succeeded", "unknown"}
    assert len(ledger.charges()) == succeeded
    figure("10 crashes of Postgres in 30 s, 8 orders", f"{succeeded} paid once and told so")


def test_no_transaction_is_open_while_a_worker_works(server, couriers, parcels, lawful):
    """One that stayed open would keep every dead row of the table, and slow everybody down."""
    parcels(6, pause=0.05)
    crew = couriers("-c", 3)
    long = (
        "select query from pg_stat_activity where datname = 'tasks' and pid <> pg_backend_pid() "
        "and state like 'idle in transaction%' and clock_timestamp() - state_change > '200 ms'"
    )
    worker, seen = crew.start(1), 0
    with closing(psycopg.connect(server.url("tasks"), autocommit=True)) as connection:
        while not none_is_left(server):
            assert connection.execute(long).fetchall() == []
            seen += 1
    worker.terminate()

    assert worker.wait(20) == 0
    assert seen > 20
    lawful()
