"""The SQL functions our statements use, so that each stays one statement one can read.

SQLite 3.40's own `json_insert` loses the first entry of an empty object silently, and a template
cannot be filled in SQL: these few lines of Python run inside the statement, under its write lock.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from taskq.clean import clean
from taskq.plan import failure_message

MAX_ENTRIES = 490
"""Entries a handler's own messages may fill; plan and closing entries always fit."""

_DROPPED = f"Only {MAX_ENTRIES} messages are kept"


def register(connection: sqlite3.Connection) -> None:
    """Give *connection* our functions."""
    connection.create_function("with_entry", 3, with_entry, deterministic=True)
    connection.create_function("with_entries", 3, with_entries, deterministic=True)
    connection.create_function("with_message", 3, with_message, deterministic=True)
    connection.create_function("with_keys", 2, with_keys, deterministic=True)
    connection.create_function("with_usual", 2, with_usual, deterministic=True)
    connection.create_function("clean", 1, clean, deterministic=True)
    connection.create_function("failure", 2, failure, deterministic=True)


def with_entry(result_data: str, message: str | None, now: str) -> str:
    """*result_data* with one more entry at its end; a message that is null adds none.

    Its timestamp is *now* without the zone, but never before the last entry's: a wall clock may
    be set back, a history may not.
    """
    if message is None:
        return result_data
    data = json.loads(result_data)
    entries = data.setdefault("progress", [])
    stamp = now.removesuffix("Z")
    if entries:
        stamp = max(stamp, entries[-1]["timestamp"])
    entries.append({"message": clean(message), "timestamp": stamp})
    return _dumped(data)


def with_entries(result_data: str, messages: str, now: str) -> str:
    """`with_entry` for each of a JSON list of messages."""
    for message in json.loads(messages):
        result_data = with_entry(result_data, message, now)
    return result_data


def with_message(result_data: str, message: str, now: str) -> str:
    """`with_entry` for a handler's own messages, of which only MAX_ENTRIES are kept."""
    entries = json.loads(result_data).get("progress", ())
    if len(entries) < MAX_ENTRIES:
        return with_entry(result_data, message, now)
    if any(entry["message"] == _DROPPED for entry in entries[MAX_ENTRIES:]):
        return result_data
    return with_entry(result_data, _DROPPED, now)


def with_keys(result_data: str, extra: str | None) -> str:
    """*result_data* with the keys of *extra* put over its own; `progress` is never touched."""
    if extra is None:
        return result_data
    data, more = json.loads(result_data), json.loads(extra)
    return _dumped({**data, **{key: more[key] for key in more if key != "progress"}})


def with_usual(plan: str | None, usual: str | None) -> str | None:
    """The plan with the seconds its steps usually take, where their number fits the plan."""
    if plan is None or usual is None:
        return plan
    steps, seconds = json.loads(plan), json.loads(usual)
    if len(steps) != len(seconds):
        return plan
    for step, usually in zip(steps, seconds, strict=True):
        step["usually"] = round(usually, 6)
    return _dumped(steps)


def failure(plan: str | None, error: str) -> str:
    """The closing entry of a failed task, in its plan's own words."""
    return failure_message(json.loads(plan) if plan else (), error)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
