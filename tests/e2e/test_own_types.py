import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HOODIE, messages, wait_for

EXAMPLES = Path(__file__).parents[2] / "examples"

OWN = """
import time
from pydantic import BaseModel
from taskq import BlockingRun, Handler, TaskDatabase, register

class Wait(BaseModel):
    file: str

def wait(run: BlockingRun[Wait]) -> None:
    TaskDatabase.add_progress_update(run.task.id, "said from inside")
    from pathlib import Path
    while not Path(run.params.file).exists():
        time.sleep(0.01)

register(Handler(task_type="wait", params=Wait, run=wait))
"""


@pytest.mark.browser
def test_the_archive_example_saves_a_page_and_its_picture(taskq, shop):
    imported = ["--import", EXAMPLES / "archive.py"]
    task_id = taskq.submit(*imported, "archive", "--url", shop.product_url(HOODIE))
    worked = taskq("work", *imported, "--drain")
    task = taskq.task(task_id)

    assert worked.returncode == 0
    assert messages(task)[-1] == "Page saved"
    assert "Lookout Hoodie" in Path(task["result_data"]["artifacts"]["page"]).read_text()
    assert Path(task["result_data"]["artifacts"]["picture"]).read_bytes()[:4] == b"\x89PNG"
    assert Path(task["result_data"]["artifacts"]["page"]).stat().st_mode & 0o777 == 0o600


def test_a_plain_def_runs_in_a_thread_and_counts(taskq, home):
    source = home / "source"
    source.mkdir()
    for n in range(5):
        (source / f"{n}.txt").write_text("x")
    imported = ["--import", EXAMPLES / "copy_files.py"]
    asked = ["copy", "--source", source, "--target", home / "target"]
    task_id = taskq.submit(*imported, *asked)
    worked = taskq("work", *imported, "--type", "copy", "--drain", env={"PATH": "/nonexistent"})
    task = taskq.task(task_id)

    assert worked.returncode == 0, worked.stderr
    assert messages(task) == ["Task started by worker-1", "Copying 5 files", "Completed"]
    assert task["result_data"]["count"] == {"done": 5, "total": 5}
    assert len(list((home / "target").iterdir())) == 5


def test_progress_updates_come_from_inside_and_outside_a_worker(taskq, home):
    (home / "own.py").write_text(OWN)
    done = home / "done"
    imported = ["--import", home / "own.py"]
    task_id = taskq.submit(*imported, "wait", "--file", done)
    worker = taskq.start("work", *imported, "--type", "wait", "--once")
    wait_for(lambda: len(messages(taskq.task(task_id))) == 2)
    outside = (
        "from taskq import TaskDatabase; "
        f"TaskDatabase.add_progress_update({task_id!r}, 'said from outside')"
    )
    subprocess.run([sys.executable, "-c", outside], check=True, env=os.environ)
    done.touch()

    assert worker.wait(20) == 0
    assert messages(taskq.task(task_id))[1:3] == ["said from inside", "said from outside"]


def test_a_plain_def_that_blocks_keeps_no_worker_from_leaving(taskq, home):
    (home / "own.py").write_text(OWN)
    only = ["--import", home / "own.py", "--type", "wait"]
    task_id = taskq.submit("--import", home / "own.py", "wait", "--file", home / "never")
    worker = taskq.start("work", *only)
    wait_for(lambda: len(messages(taskq.task(task_id))) == 2)
    worker.terminate()

    assert worker.wait(10) == 0
    assert messages(taskq.task(task_id))[-1] == "Worker stopped: back in the queue"


def test_a_progress_update_for_a_task_that_is_not_running_is_refused(taskq, home):
    (home / "own.py").write_text(OWN)
    task_id = taskq.submit("--import", home / "own.py", "wait", "--file", "x")
    code = f"from taskq import TaskDatabase; TaskDatabase.add_progress_update({task_id!r}, 'x')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "WrongMoment" in done.stderr
    assert messages(taskq.task(task_id)) == []


def test_a_task_made_in_python_is_the_same_as_a_submitted_one(taskq, home):
    code = (
        "from taskq import TaskDatabase; "
        "print(TaskDatabase.create_task('shopify', "
        "product_url='https://kith.com/products/hp-p020-051-1', size='Medium').id)"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    task = taskq.task(made.stdout.strip())

    assert task["current_status"] == "pending"
    assert [line["message"] for line in task["timeline"]["lines"]][2] == "Selecting size: Medium"


def test_the_same_key_is_one_task_and_other_input_is_refused(taskq):
    asked = ["shopify", "--url", "https://kith.com/products/x", "--key", "monday"]
    first, second = taskq.submit(*asked), taskq.submit(*asked)
    other = taskq("submit", *asked, "--size", "L")

    assert first == second
    assert other.returncode == 2
    assert first in other.stderr


def test_a_second_worker_of_the_same_number_is_refused(taskq, home):
    (home / "own.py").write_text(OWN)
    only = ["--import", home / "own.py", "--type", "wait"]
    first = taskq.start("work", "--id", 1, *only)
    wait_for(lambda: "Waiting" in taskq.output(first))
    second = taskq("work", "--id", 1, *only)

    assert second.returncode == 6
    assert f"worker-1 is already running (pid {first.pid}): taskq work --id 2" in second.stderr


def test_a_queue_and_its_workers_are_told_in_json(taskq, home):
    (home / "own.py").write_text(OWN)
    first = taskq.start("work", "--import", home / "own.py", "--type", "wait")
    wait_for(lambda: "Waiting" in taskq.output(first))
    shown = json.loads(taskq("status", "--json").stdout)

    assert [(w["name"], w["pid"], w["alive"]) for w in shown["workers"]] == [
        ("worker-1", first.pid, True)
    ]
