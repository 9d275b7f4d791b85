"""Tasks over HTTP: handed in, looked at, waited for, changed."""

import gc
import json
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from taskq import registry
from taskq.api import operating
from taskq.artifacts import Folder
from taskq.errors import StoreFailed
from taskq.handlers.shopify import SHOPIFY
from taskq.models import Ending, NewTask, Status
from tests.api.conftest import DECLINE, DONE, ORDER
from tests.conftest import wait_for

DOCUMENTED = [
    *("task_id", "type", "current_status", "result_data"),
    *("created_at", "started_at", "completed_at"),
]


def test_a_submitted_task_is_answered_as_documented_and_as_the_command_line_says_it(api, taskq):
    made = api.post("/shopify/order", ORDER)
    task_id = made.json["task_id"]
    got = api.get(f"/tasks/{task_id}")

    assert made.status == 201
    assert made.headers["Location"] == f"/tasks/{task_id}"
    assert list(got.json)[:7] == DOCUMENTED
    assert got.json == taskq.task(task_id) == {k: v for k, v in made.json.items() if k != "alike"}
    assert got.headers["Content-Type"] == "application/json"


def test_every_type_has_an_address_of_its_own_and_a_schema(api, store):
    type_, ride = api.get("/types").json
    assert (type_["type"], type_["submit_to"]) == ("shopify_order", "/shopify/order")
    assert (type_["pays"], type_["login"]) == (True, True)
    assert type_["schema"] == SHOPIFY.params.model_json_schema()
    assert (ride["type"], ride["submit_to"]) == ("uber_ride", "/uber/ride")
    assert (ride["pays"], ride["login"]) == (True, True)
    paths = ["/shopify/order", "/tasks/shopify_order", "/tasks/shopify"]
    assert [api.post(path, ORDER).status for path in paths] == [201] * 3
    assert len(store.list()) == 3


def test_a_ride_is_submitted_at_its_documented_address_with_numbers_as_numbers(api):
    when = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    ride = {"from_address": "12 Analytical Row", "to_address": "1 Engine Square", "seats": 2}
    spot = {"from_lat": 40, "from_lon": -73.98, "max_fare": 25.5, "pickup_at": when}
    made = api.post("/uber/ride", ride | spot)
    refused = api.post("/uber/ride", ride | spot | {"from_lon": None, "max_fare": None})

    assert made.status == 201, made.json
    assert (made.json["type"], made.json["account"]) == ("uber_ride", "uber")
    assert (made.json["params"]["max_fare"], made.json["params"]["from_lat"]) == ("25.5", 40.0)
    assert refused.status == 422
    assert [fault["field"] for fault in refused.json["fields"]] == ["from_lon", "max_fare"]


def test_types_of_ones_own_are_served_as_well(serve, home, taskq):
    (home / "own.py").write_text(
        "from pydantic import BaseModel\nfrom taskq import Handler, register\n"
        "class Wish(BaseModel):\n    what: int\n"
        "def grant(run): ...\n"
        "register(Handler(task_type='wish', params=Wish, run=grant))\n"
    )
    import requests

    served = serve("--import", "own.py")
    made = requests.post(f"{served.url}/tasks/wish", json={"what": 3}, timeout=20)
    refused = requests.post(f"{served.url}/tasks/wish?account=mine", json={"what": 3}, timeout=20)

    assert made.json()["params"] == {"what": 3}
    assert refused.json()["fields"][0]["field"] == "account"
    schema = requests.get(f"{served.url}/openapi.json", timeout=20).json()
    assert schema["components"]["schemas"]["Wish"]["properties"]["what"]["type"] == "integer"
    assert served.close() == 0


def test_the_same_key_is_one_task_and_another_use_of_it_is_refused(api, store):
    first, again = (api.post("/shopify/order", ORDER, Idempotency_Key="k-1") for _ in range(2))
    other = api.post("/shopify/order", ORDER | {"size": "Large"}, Idempotency_Key="k-1")

    assert [first.status, again.status, other.status] == [201, 200, 409]
    assert first.json["task_id"] == again.json["task_id"] == other.json["task_id"]
    assert len(store.list()) == 1


def test_what_may_have_been_bought_already_is_refused_until_it_is_meant(api, hands):
    before = hands.lost()
    unfinished = hands.submit(size="S")

    refused = api.post("/shopify/order", ORDER)
    assert (refused.status, refused.json["task_id"]) == (409, before.id)
    assert api.post("/shopify/order?again=true", ORDER).status == 201
    assert api.post("/shopify/order", ORDER | {"size": "S"}).json["alike"] == [unfinished.id]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"product_url": "missing"}),
        ({**ORDER, "quantity": "2"}, {"quantity": "this is no whole number"}),
        ({**ORDER, "nuLL-\u202e": 1}, {"input": "not an option of this task type"}),
        ({**ORDER, "size": "4242 4242 4242 4242"}, {"size": "this is a card's number"}),
    ],
)
def test_bad_input_is_told_field_by_field_and_never_repeated(api, store, body, fields):
    refused = api.post("/shopify/order", body)

    assert refused.status == 422
    told = {fault["field"]: fault["problem"] for fault in refused.json["fields"]}
    assert {name: told[name][: len(why)] for name, why in fields.items()} == fields
    for hidden in (b"nuLL", b"4242"):
        assert hidden not in refused.content
    assert store.list() == []


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"null", b"{", b'{"size": NaN}', b'{"size": 1e999}', b"\xff\xfe{}"),
        *(b'{"size": "\\u0000"}', b'{"size": "\\ud800"}', b'{"size": "\xed\xa0\x80"}'),
        b'{"quantity": 1' + b"0" * 5000 + b"}",
        b'{"quantity": 99999999999999999999}',
        b'{"size": ' + b"[" * 30000 + b"]" * 30000 + b"}",
        b'{"size": ' + b'{"a":' * 25 + b"1" + b"}" * 25 + b"}",
    ],
)
def test_a_body_that_is_no_usable_json_is_refused_as_such(api, store, body):
    kind = {"Content-Type": "application/json"}
    refused = [api.ask("POST", path, body, **kind) for path in ("/shopify/order", "/tasks/x/retry")]

    assert [answer.status for answer in refused] == [400, 400]
    assert refused[0].json == {"error": "The body is no JSON object that can be used"}
    assert store.list() == []


def test_a_body_above_64_kib_is_refused_before_it_is_read_whatever_is_said_of_it(api):
    body = json.dumps({"size": "x" * 70_000}).encode()
    in_parts = (body[at : at + 1000] for at in range(0, len(body), 1000))
    kind = {"Content-Type": "application/json"}

    assert api.ask("POST", "/shopify/order", body, **kind).status == 413
    assert api.ask("POST", "/shopify/order", b"{}", Content_Length="99999999", **kind).status == 413
    assert _chunked(api, in_parts) == 413


def _chunked(api, parts):
    import http.client

    connection = http.client.HTTPConnection(api.netloc, timeout=20)
    try:
        connection.request(
            "POST",
            "/shopify/order",
            parts,
            {"Content-Type": "application/json"},
            encode_chunked=True,
        )
        return connection.getresponse().status
    except BrokenPipeError:  # it hung up on us meanwhile; its answer is there
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_list_is_narrowed_searched_and_paged_by_its_own_links(api, hands):
    failed = hands.end(DECLINE, size="the failed one")
    tasks = [hands.submit() for _ in range(7)]

    def ids(path):
        return [task["task_id"] for task in api.get(path).json]

    assert ids("/tasks?outcome=failed") == ids("/tasks?search=FAILED%20one") == [failed.id]
    assert len(ids("/tasks?status=pending&type=shopify&since=1h")) == 7
    assert ids("/tasks?type=nothing") == []
    seen, path = [], "/tasks?limit=3&status=pending"
    while path:
        page = api.get(path)
        seen += [task["task_id"] for task in page.json]
        link = page.headers["Link"]
        path = link and "/" + link.removeprefix("<").partition(">")[0]
    assert seen == [task.id for task in reversed(tasks)]
    for wrong in ("limit=0", "limit=501", "status=x", "since=yesterday", "search=%00", "after=%00"):
        refused = api.get(f"/tasks?{wrong}")
        assert (refused.status, refused.json["fields"][0]["field"]) == (
            422,
            wrong.partition("=")[0],
        )


def test_a_task_is_found_by_the_beginning_of_its_id_and_as_the_newest(api, hands):
    task = hands.submit()

    assert api.get(f"/tasks/{task.id[:5]}").json["task_id"] == task.id
    assert api.get("/tasks/@").json["task_id"] == task.id
    assert api.get("/tasks/..%2F..").status == 404
    for number in (1, 2):
        hands.store.submit(NewTask(id=f"abc-{number}", type="shopify_order", params={}))
    assert api.get("/tasks/abc-1").json["task_id"] == "abc-1"
    assert api.get("/tasks/abc").status == 404
    for none in ("zzz", "%00", "a%20b", task.id[:1]):
        missing = api.get(f"/tasks/{none}")
        assert (missing.status, missing.json) == (404, {"error": "No task has this id"})


def test_waiting_ends_with_the_task_or_at_the_next_entry_or_in_time(api, store, hands):
    task = hands.claim()
    answers = {}

    def wait(name, query):
        answers[name] = api.get(f"/tasks/{task.id}?{query}").json

    waiting = [
        threading.Thread(target=wait, args=("end", "wait=20")),
        threading.Thread(target=wait, args=("entry", "wait=20&after=1")),
    ]
    for thread in waiting:
        thread.start()
    wait("time", "wait=0.05")
    wait_for(lambda: len(api.desk.hub._tasks.get(task.id, ())) == 2)
    store.step(task, "Opening product page")
    waiting[1].join(10)
    store.end(task, DONE)
    waiting[0].join(10)

    assert answers["time"]["current_status"] == "processing"
    assert len(answers["entry"]["result_data"]["progress"]) == 2
    assert answers["entry"]["current_status"] == "processing"
    assert answers["end"]["outcome"] == "succeeded"
    assert api.get(f"/tasks/{task.id}?wait=20").json["outcome"] == "succeeded"


def test_tasks_are_cancelled_and_run_again_or_it_is_said_why_not(api, store, hands):
    waiting, running, failed = hands.submit(), hands.claim(), hands.end(DECLINE)

    assert api.post(f"/tasks/{waiting.id}/cancel").json["outcome"] == "cancelled"
    assert api.post(f"/tasks/{running.id}/cancel").json["cancel_requested"]
    assert api.post(f"/tasks/{failed.id}/retry").json["current_status"] == "pending"
    refused = api.post(f"/tasks/{running.id}/retry")
    assert refused.status == 409
    assert running.id in refused.json["error"]
    assert api.post(f"/tasks/{failed.id}/cancel", {"now": True}).status == 422
    assert not store.get(failed.id).ended
    assert api.post("/tasks/zzz/cancel").status == 404


def test_a_task_that_needs_review_is_looked_at_and_resolved(api, store, hands):
    bought, not_bought, other = hands.lost(), hands.lost(size="S"), hands.submit(size="L")
    Folder(api.desk.settings.data_dir, bought.id).write_verify({"secret": "token"})

    known = "\n".join(api.get(f"/tasks/{bought.id}/review").json["lines"])
    assert "kith.com" in known
    assert "$120.00" in known
    for wrong in (
        {},
        {"done": 1},
        {"done": True, "retry": True},
        {"done": False, "reference": "1"},
    ):
        assert api.post(f"/tasks/{bought.id}/resolve", wrong).status == 422
    done = api.post(f"/tasks/{bought.id}/resolve", {"done": True, "reference": "1001"}).json
    assert (done["outcome"], done["result_data"]["order"]) == ("succeeded", "1001")
    assert Folder(api.desk.settings.data_dir, bought.id).read_verify() is None
    again = api.post(f"/tasks/{not_bought.id}/resolve", {"done": False, "retry": True}).json
    assert again["current_status"] == "pending"
    for path in ("review", "resolve"):
        ask = api.get if path == "review" else lambda at: api.post(at, {"done": False})
        assert ask(f"/tasks/{other.id}/{path}").status == 409


def test_only_the_files_a_task_names_in_its_own_folder_are_sent(api, hands, home):
    task, other = hands.claim(), hands.submit()
    folder = Folder(home / "runs", task.id)
    folder.write_verify({"secret": "token"})
    (home / "runs" / "outside.png").write_bytes(b"secret")
    (folder.path / "link.png").symlink_to(home / "runs" / "outside.png")
    named = {
        "thank-you": str(folder.write("thank-you.png", b"\x89PNG")),
        "page": str(folder.write("failure.html", b"<script>")),
        "verify": str(folder.path / "verify.json"),
        "VERIFY": str(folder.path / "VERIFY.json"),
        "link": str(folder.path / "link.png"),
        "outside": str(home / "runs" / "outside.png"),
        "up": str(folder.path / ".." / "outside.png"),
        "gone": str(folder.path / "gone.png"),
        "odd": ["x"],
    }
    hands.store.end(task, Ending(Status.COMPLETED, "Done", result={"artifacts": named}))

    def get(name, at=task.id):
        return api.get(f"/tasks/{at}/artifacts/{name}")

    assert (get("thank-you").content, get("thank-you").headers["Content-Type"]) == (
        b"\x89PNG",
        "image/png",
    )
    page = get("page")
    assert page.content == b"<script>"
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert page.headers["Content-Type"] == "application/octet-stream"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    for name in (*list(named)[2:], "thank-you.png", "..%2Foutside.png", "none"):
        assert get(name).status == 404, name
    assert get("thank-you", at=other.id).status == 404


def test_the_queue_its_workers_and_its_figures_are_told(api, hands):
    running, _ = hands.claim(), hands.end(DONE, size="S")
    hands.submit()

    queue = api.get("/queue").json
    assert queue["counts"] == {"pending": 1, "processing": 1, "succeeded": 1}
    (worker,) = queue["workers"]
    assert (worker["name"], worker["alive"], worker["tasks"]) == ("worker-1", True, [running.id])
    assert api.get("/workers").json == [worker]
    (stats,) = api.get("/stats?type=shopify&since=1d").json
    assert (stats["tasks"], stats["success_rate"]) == (3, 1.0)
    lines = api.get("/metrics").content.decode().splitlines()
    assert 'taskq_tasks{state="succeeded"} 1' in lines
    assert {"taskq_workers_alive 1", "taskq_slots 9"} <= {*lines}
    assert api.get("/healthz").json == {"status": "ok"}


def test_a_database_that_fails_is_a_503_and_a_sentence(api, hands, home):
    hands.submit()
    with closing(sqlite3.connect(home / "taskq.db")) as broken:
        broken.executescript("drop table tasks; drop table workers;")

    for path in ("/healthz", "/tasks", "/queue", "/tasks/@"):
        failed = api.get(path)
        assert failed.status == 503, path
        assert "taskq.db" in failed.json["error"]


def test_a_database_that_does_not_answer_is_told_in_time_and_holds_one_thread(
    api, store, monkeypatch
):
    asked, answers = [], threading.Event()

    def workers():
        asked.append(answers.wait(60))
        return []

    monkeypatch.setattr(operating, "_HEALTH_SECONDS", 0.1)
    with monkeypatch.context() as away:
        away.setattr(api.desk, "store", SimpleNamespace(workers=workers))
        for _ in range(9):
            assert api.get("/healthz").status == 503
        answers.set()
    wait_for(lambda: api.get("/healthz").status == 200)
    assert asked == [True]


def test_a_look_that_fails_when_nobody_waits_for_it_any_more_says_nothing(
    api, store, monkeypatch, caplog
):
    fails = threading.Event()

    def workers():
        fails.wait(60)
        raise StoreFailed("it is gone")

    monkeypatch.setattr(operating, "_HEALTH_SECONDS", 0.1)
    with monkeypatch.context() as away:
        away.setattr(api.desk, "store", SimpleNamespace(workers=workers))
        assert api.get("/healthz").status == 503
        fails.set()
        api.get("/types")  # meanwhile it does
        wait_for(lambda: b"it is gone" in api.get("/healthz").content)
    wait_for(lambda: api.get("/healthz").status == 200)
    gc.collect()
    assert caplog.text == ""


def test_who_asks_for_the_head_alone_gets_it(api, hands):
    task = hands.submit()
    whole, head = (api.ask(method, f"/tasks/{task.id}") for method in ("GET", "HEAD"))

    assert (head.status, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.content))
    assert api.ask("HEAD", "/").status == 200
    assert api.ask("HEAD", "/tasks/000-000-000").status == 404
    assert api.ask("HEAD", f"/tasks/{task.id}/events").status == 405


def test_what_would_be_ignored_is_refused_as_it_may_have_been_meant(api, store):
    for path in ("/shopify/order?dry_run=true", "/tasks/shopify?dry_run=true&again=true"):
        refused = api.post(path, ORDER)
        assert refused.status == 422
        assert refused.json["fields"][0]["problem"].endswith("there are: account, again")
        assert b"dry_run" not in refused.content
    assert api.get("/tasks?state=failed").status == 422
    assert store.list() == []


def test_what_changes_a_task_names_it_in_full(api, hands):
    task = hands.submit()

    for name in (task.id[:5], "@", "%00"):
        for verb in ("cancel", "retry", "resolve"):
            body = {"done": False} if verb == "resolve" else {}
            assert api.post(f"/tasks/{name}/{verb}", body).status == 404
    assert not hands.store.get(task.id).ended


def test_what_a_handler_calls_its_artifacts_may_be_anything(api, hands):
    for odd in (None, [], "x", 3, {"a": None}):
        ending = Ending(Status.COMPLETED, "Done", result={"artifacts": odd})
        task = hands.store.end(hands.claim(), ending)
        assert api.get(f"/tasks/{task.id}/artifacts/a").status == 404
        assert api.get(f"/tasks/{task.id}").status == 200


def test_a_submit_under_way_is_answered_truly_when_the_server_leaves(api, store, home):
    with closing(sqlite3.connect(home / "taskq.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        made = []
        asking = threading.Thread(target=lambda: made.append(api.post("/shopify/order", ORDER)))
        asking.start()
        wait_for(lambda: api._server.server_state.tasks)
        api._server.leave()
        wait_for(lambda: not any(server.is_serving() for server in api._server.servers))
        other.execute("rollback")
    asking.join(20)

    assert made[0].status == 201
    assert [task.id for task in store.list()] == [made[0].json["task_id"]]


def test_registered_types_have_addresses_apart_from_each_other():
    addresses = [handler.address for handler in registry.handlers().values() if handler.address]
    assert len({*addresses}) == len(addresses)
