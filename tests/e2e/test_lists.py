import json

import pytest

from taskq.models import Ending, NewTask, Status
from taskq.process import Process


@pytest.fixture
def some_tasks(store):
    """One of each end, and one of a type that nobody knows here."""
    worker = store.enlist(Process.current(), 1, 1, ["shopify_order"])

    def new(task_id, task_type="shopify_order", **more):
        return store.submit(NewTask(id=task_id, type=task_type, params={}, **more))[0]

    def claimed(task_id):
        new(task_id)
        return store.claim(worker, {"shopify_order": []}, only=task_id)

    store.end(claimed("sold-out"), Ending(Status.FAILED, "Checkout failed", "sold out"))
    store.end(claimed("bought"), Ending(Status.COMPLETED, "Done"))
    asked = claimed("asked")
    store.intent(asked, "Processing payment", {})
    store.end(asked, Ending(Status.FAILED, "Needs review", "Needs review"))
    store.cancel(new("called-off").id)
    new("waiting", "own_type")


def listed(taskq, *options):
    shown = taskq("list", *options)
    assert shown.returncode == 0, shown.stderr
    return [line.split("\t")[0] for line in shown.stdout.splitlines()[1:]]


def test_a_list_is_narrowed_by_status_outcome_type_and_age(taskq, some_tasks):
    assert listed(taskq) == ["waiting", "called-off", "asked", "bought", "sold-out"]
    assert listed(taskq, "--status", "failed") == ["called-off", "asked", "sold-out"]
    assert listed(taskq, "--status", "unknown") == ["asked"]
    assert listed(taskq, "--outcome", "failed") == ["sold-out"]
    assert listed(taskq, "--status", "failed", "--outcome", "cancelled") == ["called-off"]
    assert listed(taskq, "--type", "own_type") == ["waiting"]
    assert listed(taskq, "--type", "shopify", "--limit", "1") == ["called-off"]
    assert listed(taskq, "--since", "1h", "--outcome", "succeeded") == ["bought"]
    assert listed(taskq, "--since", "0s") == []


def test_a_list_of_nothing_says_what_to_type_next(taskq, some_tasks):
    shown = taskq("list", "--since", "0s")

    assert shown.stdout == "id\ttype\tstatus\tpercent\tstep\tage\n"
    assert shown.stderr == "No task matches. See them all: taskq list\n"
    assert json.loads(taskq("list", "--since", "0s", "--json").stdout) == []


@pytest.mark.parametrize(
    "options",
    [
        ("--outcome", "pending"),
        ("--status", "gone"),
        ("--status", "unknown", "--outcome", "failed"),
        ("--since", "yesterday"),
        ("--type", "nobodys_type"),
        ("--limit", "0"),
    ],
)
def test_a_list_of_what_cannot_be_meant_is_refused(taskq, options):
    refused = taskq("list", *options)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert options[0] in refused.stderr or "--type" in options


def test_stats_in_a_pipe_are_one_row_a_step(taskq, store):
    worker = store.enlist(Process.current(), 1, 1, ["shopify_order"])
    plan = ({"step": "Task started by a worker", "usually": 1}, {"step": "Pay", "usually": 1})
    for number in range(2):
        new = NewTask(id=f"task-{number}", type="shopify_order", params={}, plan=plan)
        store.submit(new)
        task = store.claim(worker, {"shopify_order": []}, only=new.id)
        store.step(task, "Pay", planned=True)
        ending = Ending(Status.FAILED, "Failed: no", "no") if number else Ending(Status.COMPLETED)
        store.end(task, ending)
    head, started, pay = (line.split("\t") for line in taskq("stats").stdout.splitlines())

    assert head == ["type", "tasks", "ended", "success", "step", "times", "median", "p95", "failed"]
    assert started[:6] == ["shopify_order", "2", "2", "50%", "Task started by a worker", "2"]
    assert pay[4:] == ["Pay", "0", "", "", "1"]
    (told,) = json.loads(taskq("stats", "--json").stdout)
    assert (told["success_rate"], told["steps"][1]["failed"]) == (0.5, 1)
    assert "See all: taskq stats" in taskq("stats", "--since", "0s").stderr


def test_stats_at_a_terminal_say_the_rate_first(terminal, some_tasks):
    shown = terminal("stats")
    shown.reads("own_type: 1 task, 1 not ended")
    shown.reads("shopify_order: 4 tasks, 33% of 3 succeeded, 1 needs review, 1 cancelled")

    assert shown.ends() == 0


def test_a_list_is_searched(taskq, store):
    for name in ("hoodie", "mug"):
        url = f"https://kith.com/products/{name}"
        store.submit(NewTask(id=name, type="shopify_order", params={"product_url": url}))
    found = taskq("list", "--search", "Products/MUG", "--json")
    nothing = taskq("list", "--search", "tee")

    assert [task["task_id"] for task in json.loads(found.stdout)] == ["mug"]
    assert nothing.returncode == 0
    assert "No task matches" in nothing.stderr
