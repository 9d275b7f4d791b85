"""The document's own programs, unchanged, against `localhost:8000`."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from taskq.handlers.shopify import SHOPIFY
from taskq.models import Ending, Status
from taskq.process import Process
from tests.conftest import STEPS

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).parents[1] / "golden"
PYTHON = (GOLDEN / "documented_monitor.py.txt").read_text()
JAVASCRIPT = (GOLDEN / "documented_monitor.js.txt").read_text()
CURL = """curl "http://localhost:8000/tasks/abc-123" | jq '.result_data.progress'"""
NODE = f"{JAVASCRIPT}\nawait monitorTask(process.argv[2]);"
PAGE = f"async id => {{ {JAVASCRIPT}\nawait monitorTask(id); }}"


@pytest.fixture
def documented(serve):
    """A server at the document's address, if nobody else has it."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as probe:
            if probe.connect_ex((host, 8000)) == 0:
                pytest.skip("port 8000 is in use")
    return serve("--port", 8000)


def run(*command, stdin=""):
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=30, check=True
    )
    return done.stdout


def ordered(store, taskq):
    """A task that has gone all the way, by a worker's part."""
    task_id = taskq.submit("shopify", "--url", "https://kith.com/products/x", "--size", "Medium")
    worker = store.enlist(Process.current(), 1, 1, [SHOPIFY.task_type])
    task = store.claim(worker, {SHOPIFY.task_type: ()}, only=task_id)
    for message in STEPS[1:-1]:
        store.step(task, message, planned=True)
    store.end(task, Ending(Status.COMPLETED, STEPS[-1]))
    return taskq.task(task_id)


def test_the_documents_programs_run_as_they_are_written(documented, taskq, store, browser):
    _the_python_monitor_follows_what_it_submits(taskq, store)
    task = ordered(store, taskq)
    expected = [f"Task: {task['task_id']}", "Status: completed", ""]
    expected += [f"✓ {message}" for message in STEPS]

    assert _said_in_a_page(browser, task["task_id"])[-len(expected) :] == expected
    if shutil.which("node"):
        said = run("node", "--input-type=module", "-", task["task_id"], stdin=NODE)
        assert said.splitlines() == expected
    if shutil.which("curl") and shutil.which("jq"):
        shown = run("sh", "-c", CURL.replace("abc-123", task["task_id"]))
        assert json.loads(shown) == task["result_data"]["progress"]


def _the_python_monitor_follows_what_it_submits(taskq, store):
    with subprocess.Popen(
        [sys.executable, "-u", "-c", PYTHON], stdout=subprocess.PIPE, text=True
    ) as monitor:
        first = monitor.stdout.readline()
        taskq("cancel", "@")  # nothing is bought at kith.com from a test
        rest = monitor.stdout.read().splitlines()
        assert monitor.wait(20) == 0
    (task,) = store.list()

    assert first == "Status: pending\n"
    assert rest[0] == "Status: failed"
    assert rest[1].endswith("] Cancelled")
    assert (task.params["product_url"], task.params["size"]) == (
        "https://kith.com/products/hp-p020-051-1",
        "Medium",
    )


def _said_in_a_page(browser, task_id):
    said = []

    async def live(page):
        page.on("console", lambda message: said.extend(message.text.split("\n")))
        await page.goto("http://localhost:8000/")
        await page.evaluate(PAGE, task_id)

    browser.live(live)
    return said
