"""Rows as the domain's data, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from taskq.models import Outcome, Status, Task, Worker
from taskq.process import Process, boot_id, boot_ms
from taskq.stores.sqlite.connection import Row


def now() -> str:
    """This moment as the columns hold it: `2025-11-23T10:00:00.123456Z`."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """An aware *moment* as the columns hold it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def task(row: Row) -> Task:
    """The task that a row of `tasks` is."""
    return Task(
        id=row["id"],
        type=row["type"],
        current_status=Status(row["current_status"]),
        result_data=_result_data(row["result_data"]),
        error_message=row["error_message"],
        created_at=_moment(row["created_at"]),
        started_at=_moment(row["started_at"]) if row["started_at"] else None,
        completed_at=_moment(row["completed_at"]) if row["completed_at"] else None,
        params=dict(json.loads(row["params"])),
        plan=tuple(json.loads(row["plan"])) if row["plan"] else None,
        key=row["key"],
        identity=row["identity"],
        lane=row["lane"],
        account=row["account"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        worker=row["worker"],
        intent=json.loads(row["intent"]) if row["intent"] else None,
        cancel_requested=bool(row["cancel_requested"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
    )


def worker(row: Row) -> Worker:
    """The worker that a row of `workers` is."""
    process = Process(
        row["host"], row["boot_id"], row["pid_namespace"], row["pid"], row["pid_started"]
    )
    return Worker(
        id=row["id"],
        name=row["name"],
        process=process,
        slots=row["slots"],
        types=tuple(json.loads(row["types"])),
        started_at=_moment(row["started_at"]),
        seen_at=_moment(row["seen_at"]),
        alive=process.boot_id == boot_id()
        and row["lease_expires_at"] > boot_ms()
        and not process.is_proven_dead(),
    )


def _result_data(text: str) -> dict[str, Any]:
    """What the column `result_data` holds.

    Raises:
        ValueError, KeyError, TypeError: it is damaged.
    """
    data: dict[str, Any] = json.loads(text)
    for entry in data.get("progress", ()):
        entry["message"].isascii()
        datetime.fromisoformat(entry["timestamp"])
    return data


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
