"""What holds in every database, whatever has happened to its workers.

The twelve invariants: every task ends (1), is charged at most once (2), and its word agrees with
the till's (3); nothing starts again over a standing intent (4); a charge comes after its intent
(5), a review after a payment was begun (6); time and history go only forward (7); an ended task
says when and how (8), in the four documented words (9); without a fault a task starts once (10);
the file is sound (11); each attempt writes its steps in order, each once (12).

A database is the path of a file, or the address of one on Postgres.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from taskq.models import STARTED, Progress
from taskq.plan import from_row, is_begun_by

STATUSES = {"pending", "processing", "completed", "failed"}
GIVEN_BACK = ("Payment not started: ", "Marked as not done by ")


def read(place: Path | str) -> list[dict]:
    """Every task of the database, by plain SQL."""
    found = _rows(place, "select * from tasks order by created_at")
    for task in found:
        task["progress"] = json.loads(task["result_data"]).get("progress", [])
        task["messages"] = [entry["message"] for entry in task["progress"]]
        task["order"] = json.loads(task["result_data"]).get("order")
    return found


def _rows(place, statement) -> list[dict]:
    if not is_served(place):
        with closing(sqlite3.connect(place, timeout=10)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(statement)]
    with closing(psycopg.connect(place, autocommit=True, row_factory=dict_row)) as db:
        return [{k: _as_text(v) for k, v in row.items()} for row in db.execute(statement)]


def is_served(place: Path | str) -> bool:
    """Whether a server has it, and no file."""
    return "://" in str(place)


def on(place) -> str:
    """Where it is, in a row of the table."""
    return " on Postgres" if is_served(place) else ""


def _as_text(value):
    return json.dumps(value) if isinstance(value, dict | list) else value


def hold(place: Path | str, charges=None, *, ended=True, starts=None) -> list[dict]:
    """Check the laws on the database; *charges* gives when a task was charged, by the till.

    *ended*: every task has ended by now; *starts*: how often each may have started.
    """
    tasks = read(place)
    for task in tasks:
        _of_one(task, ended=ended, starts=starts)
        if charges is not None:
            _of_money(task, charges(task))
    if not is_served(place):
        assert _rows(place, "pragma integrity_check") == [{"integrity_check": "ok"}]  # 11
    return tasks


def _of_one(task, *, ended, starts):
    status, messages = task["current_status"], task["messages"]
    assert status in STATUSES, task  # 9
    assert not ended or status in {"completed", "failed"}, task  # 1
    stamps = [entry["timestamp"] for entry in task["progress"]]
    assert stamps == sorted(stamps), task  # 7
    if status in {"completed", "failed"}:
        assert task["completed_at"], task  # 8
        assert status == "completed" or task["error_message"], task
    plan = from_row(json.loads(task["plan"] or "[]"))
    if plan and status == "completed":
        assert plan[-1].message in messages, task
    once = next((step.message for step in plan if step.once), None)
    if task["outcome"] == "unknown":
        assert once in messages, task  # 6
    begun = [n for n, message in enumerate(messages) if message.startswith(STARTED)]
    assert starts is None or len(begun) <= starts, task  # 10
    for this, following in pairwise([*begun, len(messages)]):
        _of_one_attempt(task, plan, messages[this:following], is_last=following == len(messages))


def _of_one_attempt(task, plan, messages, *, is_last):
    reached = [
        index
        for message in messages
        for index, step in enumerate(plan)
        if is_begun_by(step, message)
    ]
    assert reached == sorted(set(reached)), task  # 12
    once = {step.message for step in plan if step.once}
    if not is_last and once & set(messages):  # 4
        assert any(message.startswith(GIVEN_BACK) for message in messages), task


def _of_money(task, charges):
    charged = len(charges)
    assert charged <= 1, task  # 2
    outcome = task["outcome"]
    if outcome == "succeeded":
        assert charged == 1, task  # 3
    elif outcome in {"failed", "cancelled"}:
        assert charged == 0, task
    if charged:
        plan = from_row(json.loads(task["plan"]))
        once = next(step.message for step in plan if step.once)
        intended = [Progress(**e).at for e in task["progress"] if e["message"] == once]
        assert min(intended).timestamp() <= charges[0], task  # 5


class Observer:
    """Somebody who looks all the time, and whose history must never change behind them (7)."""

    def __init__(self, place: Path | str) -> None:
        self._place = place
        self._seen: dict[str, list[dict]] = {}
        self._broken: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        assert self._broken == []

    def _look(self):
        while not self._stop.wait(0.02):
            # The tables are just being made, or the server is away: it is looked at again.
            with suppress(sqlite3.OperationalError, psycopg.OperationalError):
                self._watch()

    def _watch(self):
        with closing(_reader(self._place)) as db:
            while not self._stop.wait(0.02):
                for task_id, data in db.execute("select id, result_data from tasks"):
                    self._compare(task_id, data)

    def _compare(self, task_id, data):
        entries = (json.loads(data) if isinstance(data, str) else data).get("progress", [])
        seen = self._seen.get(task_id, [])
        if entries[: len(seen)] != seen:
            self._broken.append(f"{task_id}: {seen} became {entries}")
        self._seen[task_id] = entries


def _reader(place):
    if is_served(place):
        return psycopg.connect(place, autocommit=True)
    return sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=10)
