"""What a person is shown of a payment nobody saw the end of, and what may be said of it."""

import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from taskq import process
from taskq.artifacts import Folder
from taskq.models import Ending, NewTask, Status
from taskq.process import Process
from taskq.stores import open_store
from tests.conftest import messages

ID = "k7f-2mq-9xd"
FACTS = {
    "shop": "kith.com",
    "product": "https://kith.com/products/hp-1",
    "total": "165.00 USD",
    "artifacts": {"order-summary": f"/runs/{ID}/order-summary.png"},
}


@pytest.fixture
def owner():
    """Another process, which began the payment."""
    running = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield running
    running.kill()
    running.communicate()


@pytest.fixture
def unknown(home, owner):
    """A payment that *owner* began as worker-1, and that worker-2 gave up looking for."""
    url = str(home / "taskq.db")
    began = replace(Process.current(), pid=owner.pid, pid_started=process._started(owner.pid))
    with closing(open_store(url)) as store, closing(open_store(url, lease_seconds=0)) as hasty:
        store.submit(NewTask(ID, "shopify_order", {"size": "Medium"}, max_attempts=3))
        first = store.enlist(began, 1, 1, ["shopify_order"])
        task = store.claim(first, {"shopify_order": []})
        hasty.intent(task, "Processing payment", FACTS)
        other = store.enlist(Process.current(), 2, 1, ["shopify_order"])
        taken = store.take(other, ["shopify_order"])
        store.end(taken, Ending(Status.FAILED, "Needs review: look", "Needs review: look"))
    Folder(home / "runs", ID).write_verify({"checkout": "https://kith.com/checkouts/cn/secret"})


def test_a_person_sees_what_was_being_paid_before_saying_how_it_ended(taskq, unknown):
    asked = taskq("resolve", "k7f")

    assert asked.returncode == 2
    for fact in (
        "kith.com",
        "hp-1 (size Medium)",
        "165.00 USD",
        "order-summary.png",
        "by worker-1",
    ):
        assert fact in asked.stderr
    assert f"taskq resolve {ID} --done --reference ORDER" in asked.stderr
    assert asked.stdout == ""


def test_a_person_is_warned_while_whoever_began_it_is_not_proven_dead(taskq, unknown, owner):
    alive = taskq("resolve", "k7f")
    owner.kill()
    owner.wait()
    dead = taskq("resolve", "k7f")

    assert f"worker-1 (pid {owner.pid} on " in alive.stderr
    assert f"kill -9 {owner.pid}" in alive.stderr
    assert "Careful" not in dead.stderr


def test_done_records_who_said_it_and_the_order_and_forgets_what_it_was_looked_for_by(
    taskq, unknown, home
):
    done = taskq("resolve", "k7f", "--done", "--reference", "1001")
    task = taskq.task(ID)

    assert done.returncode == 0
    assert done.stdout == f"{ID} is completed: Order placed successfully\n"
    assert (task["outcome"], task["result_data"]["order"]) == ("succeeded", "1001")
    assert messages(task)[-2].startswith("Marked as done by ")
    assert messages(task)[-2].endswith(": 1001")
    assert not (home / "runs" / ID / "verify.json").exists()
    assert taskq("resolve", "k7f", "--done").returncode == 6


def test_not_done_ends_as_failed_and_may_be_retried(taskq, unknown, home):
    done = taskq("resolve", "k7f", "--not-done")
    task = taskq.task(ID)

    assert done.returncode == 0
    assert (task["outcome"], task["percent"] < 100) == ("failed", True)
    assert taskq("retry", ID).returncode == 0
    assert not (home / "runs" / ID / "verify.json").exists()


def test_not_done_with_retry_is_in_the_queue_again(taskq, unknown):
    done = taskq("resolve", "k7f", "--not-done", "--retry")

    assert done.returncode == 0
    assert "is pending: Marked as not done by " in done.stdout
    assert taskq.task(ID)["current_status"] == "pending"


def test_a_task_whose_end_is_known_needs_no_review(taskq):
    task_id = taskq.submit("shopify", "--url", "https://kith.com/products/a", "-q")
    done = taskq("resolve", task_id)

    assert done.returncode == 6
    assert done.stderr == f"taskq: Task {task_id} needs no review: it is pending\n"


def test_before_that_nothing_pays_again(taskq, unknown):
    assert taskq("retry", "k7f").returncode == 6
    assert "taskq resolve" in taskq("retry", "k7f").stderr
    assert taskq("cancel", "k7f").returncode == 6
    assert taskq("watch", "k7f").returncode == 7


@pytest.mark.parametrize("wrong", [["--done", "--retry"], ["--not-done", "--reference", "1"]])
def test_what_cannot_be_meant_is_refused(taskq, unknown, wrong):
    assert taskq("resolve", "k7f", *wrong).returncode == 2
    assert taskq.task(ID)["outcome"] == "unknown"
