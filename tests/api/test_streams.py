"""Server-sent events: nothing lost, nothing twice, and an end."""

import http.client
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice

from taskq.models import Ending, Status
from tests.api.conftest import DONE
from tests.conftest import wait_for


def messages(events):
    return [(number, data["message"]) for name, number, data in events if name == "progress"]


def test_a_stream_tells_every_entry_once_and_closes_with_the_end(api, store, hands):
    task = hands.claim()
    with api.stream(f"/tasks/{task.id}/events") as events:
        first = list(islice(events, 2))
        store.step(task, "Opening product page")
        second = list(islice(events, 2))
        store.step(task, "one")
        store.step(task, "two")
        store.end(task, DONE)
        rest = list(events)

    assert messages(first) == [("1", "Task started by worker-1")]
    assert [name for name, _, _ in first + second] == ["progress", "task"] * 2
    told = messages(second + rest)
    assert told == [
        ("2", "Opening product page"),
        ("3", "one"),
        ("4", "two"),
        ("5", "Order placed successfully"),
    ]
    name, _, last = rest[-1]
    assert (name, last["outcome"]) == ("end", "succeeded")
    assert last == api.get(f"/tasks/{task.id}").json


def test_who_comes_back_is_told_what_was_missed_and_nothing_twice(api, store, hands):
    task = hands.claim()
    for number in range(2, 6):
        store.step(task, f"entry {number}")

    with api.stream(f"/tasks/{task.id}/events", Last_Event_ID="3") as events:
        assert messages(islice(events, 2)) == [("4", "entry 4"), ("5", "entry 5")]
    with api.stream(f"/tasks/{task.id}/events?after=4") as events:
        assert messages(islice(events, 1)) == [("5", "entry 5")]
    store.end(task, DONE)
    with api.stream(f"/tasks/{task.id}/events", Last_Event_ID="5") as events:
        assert [name for name, _, _ in events] == ["progress", "end"]
    assert api.get(f"/tasks/{task.id}/events", Last_Event_ID="6").status == 204
    assert api.get(f"/tasks/{task.id}/events", Last_Event_ID="999").status == 204
    assert api.get(f"/tasks/{task.id}/events", Last_Event_ID="x").status == 422
    assert api.get("/tasks/zzz/events").status == 404


def test_who_says_to_have_seen_more_than_there_is_is_told_from_now_on(api, store, hands):
    task = hands.claim()
    with api.stream(f"/tasks/{task.id}/events", Last_Event_ID="999") as events:
        assert [name for name, _, _ in islice(events, 1)] == ["task"]
        store.end(task, DONE)
        assert [(name, number) for name, number, _ in events] == [("progress", "2"), ("end", "2")]


def test_a_watcher_that_is_cut_off_at_any_moment_misses_nothing(api, store, hands):
    task, entries = hands.claim(), 60
    seen = []

    def watch():
        while True:
            last = seen[-1][0] if seen else "0"
            with api.stream(f"/tasks/{task.id}/events", Last_Event_ID=last) as events:
                for name, number, data in islice(events, 7):
                    if name == "progress":
                        seen.append((number, data["message"]))
                    if name == "end":
                        return

    with ThreadPoolExecutor(1) as watcher:
        ended = watcher.submit(watch)
        for number in range(2, entries):
            store.step(task, f"entry {number}")
        store.end(task, Ending(Status.COMPLETED, f"entry {entries}"))
        ended.result(30)

    assert [number for number, _ in seen] == [str(n) for n in range(1, entries + 1)]
    assert [message for _, message in seen[1:]] == [f"entry {n}" for n in range(2, entries + 1)]


def test_many_watchers_share_one_look_and_leave_none_behind(api, store, hands, monkeypatch):
    one, other = hands.claim(), hands.claim(size="S")
    looked = []
    hints = store.hints
    monkeypatch.setattr(store, "hints", lambda: looked.append(1) or hints())
    with ThreadPoolExecutor(8) as watchers:

        def watch(task):
            with api.stream(f"/tasks/{task.id}/events") as events:
                return messages(events)

        told = [watchers.submit(watch, task) for task in (one, other) * 4]
        wait_for(lambda: sum(len(boxes) for boxes in api.desk.hub._tasks.values()) == 8)
        for task in (one, other):
            store.step(task, f"entry of {task.id}")
            store.end(task, DONE)
        every = [each.result(20) for each in told]

    assert every == [every[0], every[1]] * 4
    assert [len(each) for each in every] == [3] * 8
    assert len(looked) == 1
    wait_for(lambda: not api.desk.hub._tasks)
    assert not api.desk.hub._of_tasks._watched.is_set()


def test_a_damaged_row_keeps_nobody_else_from_being_told(api, store, hands, home):
    good, bad = hands.claim(), hands.claim(size="S")
    with (
        api.stream(f"/tasks/{good.id}/events") as events,
        api.stream(f"/tasks/{bad.id}/events") as others,
    ):
        list(islice(events, 2))
        list(islice(others, 2))
        with closing(sqlite3.connect(home / "taskq.db")) as broken, broken:
            broken.execute("update tasks set result_data = '[]' where id = ?", [bad.id])
        store.step(good, "told all the same")
        assert messages(islice(events, 1)) == [("2", "told all the same")]


def test_a_fault_of_our_own_does_not_end_the_looking(api, store, hands, monkeypatch, caplog):
    monkeypatch.setattr("taskq.api.hub._AFTER_A_FAULT", 0.01)
    hints, faults = store.hints, [ZeroDivisionError("once")]
    monkeypatch.setattr(store, "hints", lambda: _raise(faults.pop()) if faults else hints())
    task = hands.claim()

    with api.stream(f"/tasks/{task.id}/events") as events:
        store.end(task, DONE)
        assert messages(events)[-1] == ("2", "Order placed successfully")
        wait_for(lambda: "a fault of taskq's own: ZeroDivisionError" in caplog.text)


def _raise(error):
    raise error


def test_the_whole_queue_is_a_stream_of_hints(api, hands):
    with api.stream("/events") as events:
        name, _, queue = next(events)
        task = hands.claim()
        following = (data for _, _, data in events)
        changed = next(q for q in following if q["counts"].get("processing"))

    assert (name, queue["counts"]) == ("queue", {})
    assert changed["workers"][0]["tasks"] == [task.id]


def test_one_stream_tells_of_the_queue_and_of_one_task(api, store, hands):
    task = hands.claim()
    with api.stream(f"/events?task={task.id}") as events:
        assert [name for name, _, _ in islice(events, 2)] == ["queue", "task"]
        store.step(task, "one")
        told = next(data for name, _, data in events if name == "task")
    assert told["result_data"]["progress"][-1]["message"] == "one"
    assert api.get("/events?task=zzz").status == 404


def test_a_quiet_stream_says_that_it_is_alive(api, hands, monkeypatch):
    monkeypatch.setattr("taskq.api.events._KEEP_ALIVE", 0.02)
    connection = http.client.HTTPConnection(api.netloc, timeout=20)
    connection.request("GET", f"/tasks/{hands.claim().id}/events")
    response = connection.getresponse()

    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert next(line for line in response if line.startswith(b":")) == b": keep-alive\n"
    connection.close()


def test_a_server_that_leaves_sends_its_watchers_home(api, hands):
    task = hands.claim()
    with api.stream(f"/tasks/{task.id}/events") as one, api.stream("/events") as all_:
        list(islice(one, 2))
        next(all_)
        api._server.leave()

        assert [name for name, _, _ in one] == []
        assert [name for name, _, _ in all_ if name != "queue"] == []
        api._thread.join(5)
        assert not api._thread.is_alive()
