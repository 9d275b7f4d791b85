import json
import os
import sys

import pytest

from taskq.models import STARTED, Ending, NewTask, Status
from taskq.process import Process
from tests.conftest import wait_for


@pytest.fixture
def worker(store):
    return store.enlist(Process.current(), 1, 1, ["shopify_order"])


@pytest.fixture
def claimed(store, worker):
    def claim(task_id="k7f-1"):
        store.submit(NewTask(id=task_id, type="shopify_order", params={}))
        return store.claim(worker, {"shopify_order": []}, only=task_id)

    return claim


def test_the_log_tells_every_entry_of_every_attempt(taskq, store, worker, claimed, home):
    first = claimed()
    store.step(first, "Opening product page")
    store.release(first, "Worker crashed", free=False)
    second = store.claim(worker, {"shopify_order": []}, only=first.id)
    store.step(second, "Adding product to cart")
    kept = {"artifacts": {"failure": str(home / "failure.png")}}
    store.end(second, Ending(Status.FAILED, "Checkout failed: sold out", "sold out", kept))
    told = taskq("logs", "k7f")
    lines = told.stdout.splitlines()

    assert told.returncode == 0
    assert lines[0].startswith("Task k7f-1 (Failed), shopify_order, submitted ")
    entries = [line for line in lines[1:] if line[2:3] == ":"]
    assert [line[20:] for line in entries] == [
        f"{STARTED}worker-1",
        "Opening product page",
        "Worker crashed: back in the queue",
        f"{STARTED}worker-1",
        "Adding product to cart",
        "Checkout failed: sold out",
    ]
    assert all(line[8:20].strip().endswith(" s") for line in entries)
    assert lines[-2:] == ["Error: sold out", f"failure: {home / 'failure.png'}"]


def test_the_log_as_json_is_one_line_an_entry_and_the_task_at_last(taskq, store, claimed):
    store.step(claimed(), "Opening product page")
    *entries, task = map(json.loads, taskq("logs", "@", "--json").stdout.splitlines())

    assert [(e["message"], e["attempt"]) for e in entries] == [
        (f"{STARTED}worker-1", 1),
        ("Opening product page", 1),
    ]
    assert entries[0]["seconds"] >= 0
    assert entries[1]["seconds"] is None
    assert task["task_id"] == "k7f-1"


def test_a_followed_log_goes_on_to_the_end_and_exits_as_it_ends(taskq, store, claimed):
    task = claimed()
    following = taskq.start("logs", "k7f", "-f")
    wait_for(lambda: STARTED in taskq.output(following))
    store.step(task, "Opening product page")
    wait_for(lambda: "Opening product page" in taskq.output(following))
    store.end(task, Ending(Status.FAILED, "Checkout failed: sold out", "sold out"))

    assert following.wait(10) == 1
    told = taskq.output(following)
    assert told.count("Opening product page") == 1
    assert told.endswith("Error: sold out\n")


def test_a_task_without_a_trace_says_how_to_keep_one(taskq, claimed):
    claimed()
    refused = taskq("logs", "@", "--trace")

    assert (refused.returncode, refused.stdout) == (6, "")
    assert "taskq work --trace" in refused.stderr


def test_a_kept_trace_is_opened_with_playwrights_viewer(taskq, store, claimed, home):
    (home / "modules" / "playwright").mkdir(parents=True)
    (home / "modules" / "playwright" / "__init__.py").touch()
    viewer = "import sys; print('viewer', *sys.argv[1:])"
    (home / "modules" / "playwright" / "__main__.py").write_text(viewer)
    (home / "trace.zip").touch()
    kept = {"artifacts": {"trace": str(home / "trace.zip")}}
    store.end(claimed(), Ending(Status.COMPLETED, "Done", result=kept))
    path = os.pathsep.join([str(home / "modules"), *filter(None, sys.path)])

    opened = taskq("logs", "@", "--trace", env={"PYTHONPATH": path})
    assert opened.stdout == f"viewer show-trace {home / 'trace.zip'}\n", opened.stderr
    (home / "trace.zip").unlink()
    assert taskq("logs", "@", "--trace").returncode == 5
