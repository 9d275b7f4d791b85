import os
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.conftest import HOODIE, STEPS, messages, wait_for

pytestmark = pytest.mark.browser


def last_message(home):
    """The newest entry, read as any SQL client would."""
    with sqlite3.connect(home / "taskq.db") as db:
        found = db.execute(
            "select json_extract(result_data, '$.progress[#-1].message') from tasks"
        ).fetchone()
    db.close()
    return found and found[0]


def test_three_commands_order_a_hoodie(queue, taskq, shop, ledger, ada):
    task_id = taskq.submit("shopify", "--url", shop.product_url(HOODIE), "--size", "Medium")
    worker = taskq.start("work", "--id", 1)
    watched = taskq("watch", task_id)
    task = taskq.task(task_id)
    worker.terminate()

    assert watched.returncode == 0
    assert [line.split("  ", 1)[1] for line in watched.stdout.splitlines()[:-1]] == STEPS
    assert watched.stdout.splitlines()[-1].startswith(f"Task {task_id} completed in ")
    assert messages(task) == STEPS
    assert task["percent"] == 100
    assert [f"#{task['result_data']['order']}"] == [c["order"] for c in ledger.charges()]
    assert worker.wait(10) == 0


def test_submit_with_work_runs_the_task_here_and_ends_as_it_ends(taskq, shop, ledger, ada):
    url = shop.product_url(HOODIE)
    done = taskq("submit", "shopify", "--url", url, "--size", "X-Large", "--work")

    assert done.returncode == 1
    assert "Checkout failed: size X-Large is sold out" in done.stdout
    assert ledger.lines() == []


def test_a_killed_worker_takes_its_browser_with_it(taskq, shop, ada, home):
    taskq.submit("shopify", "--url", shop.product_url(HOODIE), "--size", "Medium")
    worker = taskq.start("work", "--id", 1)
    wait_for(lambda: last_message(home) == STEPS[3])
    browsers = descendants(worker.pid)
    worker.kill()
    worker.wait()

    assert browsers
    wait_for(lambda: not any(is_alive(pid) for pid in browsers), seconds=10)


def test_a_signal_right_after_the_last_word_ends_the_worker_in_peace(
    taskq, shop, ledger, ada, home
):
    task_id = taskq.submit("shopify", "--url", shop.product_url(HOODIE), "--size", "Medium")
    worker = taskq.start("work", "--id", 1)
    wait_for(lambda: last_message(home) == STEPS[7], every=0.0005)
    worker.terminate()

    assert worker.wait(15) == 0
    assert taskq.task(task_id)["outcome"] == "succeeded"


def test_a_running_task_is_cancelled_within_a_second_or_so(taskq, shop, ledger, ada, home):
    task_id = taskq.submit("shopify", "--url", shop.product_url(HOODIE), "--size", "Medium")
    taskq.start("work", "--id", 1)
    wait_for(lambda: last_message(home) == STEPS[2])
    asked = taskq("cancel", task_id)
    wait_for(lambda: taskq.task(task_id)["outcome"] == "cancelled", seconds=5)

    assert asked.returncode == 0
    assert taskq("watch", task_id).returncode == 4
    assert ledger.lines() == []


def test_three_tasks_at_once_share_one_browser_with_a_context_each(taskq, shop, ledger, ada, home):
    url = shop.product_url(HOODIE)
    ids = [
        taskq.submit("shopify", "--url", url, "--size", size)
        for size in ("Small", "Medium", "Large")
    ]
    worker = taskq.start("work", "--concurrency", 4, "--per-shop", 4, "--drain")
    wait_for(lambda: len(ledger.charges()) == 3)
    mains = {pid for pid in descendants(worker.pid) if is_main_browser(pid)}
    started = {pid for pid in mains if parent(pid) not in mains}  # Debian starts it by a script

    assert worker.wait(20) == 0
    assert len(started) == 1
    assert {taskq.task(i)["outcome"] for i in ids} == {"succeeded"}


def descendants(pid):
    """Every process below *pid*, however deep."""
    children = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat[1]) == pid:
            children += [int(entry.name), *descendants(int(entry.name))]
    return children


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def is_main_browser(pid):
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False
    return "remote-debugging" in command and "--type=" not in command


def test_ctrl_c_while_working_a_submitted_task_here_gives_it_back(taskq, shop, ledger, ada, home):
    asked = ["submit", "shopify", "--url", shop.product_url(HOODIE), "--size", "Medium", "--work"]
    taskq("list")
    process = taskq.start(*asked)
    wait_for(lambda: last_message(home) == STEPS[3])
    os.killpg(process.pid, signal.SIGINT)

    assert process.wait(15) == 130
    assert "is in the queue. Go on: taskq work --id 1" in taskq.output(process)
    assert taskq.task("@")["current_status"] == "pending"
