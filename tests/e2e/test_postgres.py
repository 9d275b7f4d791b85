"""The real `taskq` with its queue on Postgres: every command, and what is said where it fails."""

from __future__ import annotations

import json

import pytest

from tests.conftest import messages
from tests.faults.conftest import COURIER


@pytest.fixture
def parcel(on_postgres, taskq, till):
    """Submit a parcel; its id."""

    def submit(item, *more):
        words = ("--item", item, "--till", till.port)
        return taskq.submit("--import", COURIER, "parcel", *words, *more)

    return submit


def test_a_task_is_submitted_worked_watched_and_told_of(parcel, taskq, till, on_postgres):
    task_id = parcel("a")
    worked = taskq("work", "--id", 1, "--import", COURIER, "--type", "parcel", "--drain")
    task = taskq.task(task_id)

    assert worked.returncode == 0, worked.stderr
    assert (task["outcome"], task["percent"]) == ("succeeded", 100)
    assert messages(task)[0] == "Task started by worker-1"
    assert messages(task)[-1] == "Delivered"
    assert len(till.charges) == 1
    assert taskq("watch", task_id).returncode == 0
    for command in (("list",), ("logs", task_id), ("stats",), ("status",), ("status", task_id[:3])):
        told = taskq(*command)
        assert told.returncode == 0, told.stderr
    assert task_id in taskq("list").stdout
    assert "Weighing it" in taskq("logs", task_id).stdout


def test_a_task_is_cancelled_retried_and_pruned(parcel, taskq):
    task_id = parcel("a")

    assert taskq("cancel", task_id).returncode == 0
    assert taskq.task(task_id)["outcome"] == "cancelled"
    assert taskq("retry", task_id).returncode == 0
    assert taskq.task(task_id)["current_status"] == "pending"
    assert taskq("retry", task_id).returncode == 6
    assert taskq("cancel", task_id).returncode == 0
    assert taskq("prune", "--older", "0s", "--yes").returncode == 0
    assert taskq("status", task_id).returncode == 3


def test_a_persons_question_is_answered_and_nothing_else_is_done(parcel, taskq):
    task_id = parcel("a")
    asked = taskq("sql", "select id, result_data->'progress' as p from tasks", "--json")
    refused = taskq("sql", "delete from tasks")

    assert json.loads(asked.stdout)[0]["id"] == task_id
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert taskq("status", task_id).returncode == 0


def test_a_watcher_sees_each_step_of_another_host_as_it_happens(parcel, taskq, terminal):
    task_id = parcel("a", "--pause", 0.2)
    screen = terminal("watch", task_id)
    taskq.start("work", "--id", 1, "--import", COURIER, "--type", "parcel", "--once")
    for message in ("Packing a", "Writing the label", "Delivered"):
        screen.reads(message)

    assert screen.ends() == 0


def test_the_server_tells_of_tasks_on_postgres(parcel, taskq, serve):
    import requests

    task_id = parcel("a")
    served = serve("--work", "--import", COURIER)
    answer = requests.get(f"{served.url}/tasks/{task_id}?wait=30", timeout=40).json()

    assert answer["outcome"] == "succeeded"
    assert requests.get(f"{served.url}/healthz", timeout=10).status_code == 200
    assert served.close() == 0


def test_setting_up_makes_the_tables_once_and_prints_them(postgres, taskq, monkeypatch):
    url = postgres.make("bare")
    monkeypatch.setenv("TASKQ_DB", url)
    before = taskq("list")
    printed = taskq("db", "init", "--print")
    made = [taskq("db", "init"), taskq("db", "init")]
    after = taskq("list")
    postgres.drop("bare")

    assert (before.returncode, before.stderr.count("\n")) == (5, 1)
    assert "taskq db init" in before.stderr
    assert "create table" in printed.stdout.lower()
    assert [done.returncode for done in made] == [0, 0]
    assert after.returncode == 0, after.stderr


SAYING = (
    ("list",),
    ("status",),
    ("config", "show"),
    ("doctor",),
    ("work", "--drain"),
    ("submit", "shopify", "--url", "https://kith.com/products/hp-1", "--dry-run"),
    ("db", "init"),
)


@pytest.mark.parametrize("command", SAYING, ids=lambda command: command[0])
@pytest.mark.parametrize("state", ["there", "wrong", "away"])
def test_the_password_is_never_said(on_postgres, postgres, taskq, ada, command, state):
    secret = postgres.password
    url = {
        "there": on_postgres,
        "wrong": on_postgres.replace(secret, "wrong-" + secret),
        "away": on_postgres.replace(str(postgres.port), "1"),
    }[state]
    said = taskq(*command, env={"TASKQ_DB": url})
    given = taskq(*command[:1], "--db", url, *command[1:]) if command[0] == "list" else said

    for each in (said, given):
        assert secret not in each.stdout + each.stderr
        assert "Traceback" not in each.stderr
    if state != "there" and command[0] not in {"config", "doctor"}:
        assert (said.returncode, said.stderr.count("\n")) == (5, 1)
