"""Rows as the domain's data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from taskq.models import Outcome, Status, Task, Worker
from taskq.process import Process, boot_id

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a task was made in a table that was there before us, and did not say."""


def task(row: dict[str, Any]) -> Task:
    """The task that a row of `tasks` is."""
    return Task(
        id=row["id"],
        type=row["type"],
        current_status=Status(row["current_status"]),
        result_data=row["result_data"] or {},
        error_message=row["error_message"],
        created_at=_utc(row["created_at"]) or _NEVER,
        started_at=_utc(row["started_at"]),
        completed_at=_utc(row["completed_at"]),
        params=row["params"],
        plan=tuple(row["plan"]) if row["plan"] else None,
        key=row["key"],
        identity=row["identity"],
        lane=row["lane"],
        account=row["account"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        worker=row["worker"],
        intent=row["intent"],
        cancel_requested=row["cancel_requested"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
    )


def worker(row: dict[str, Any]) -> Worker:
    """The worker that a row of `workers` is; *alive* is the server's word."""
    process = Process(
        row["host"], row["boot_id"], row["pid_namespace"], row["pid"], row["pid_started"]
    )
    return Worker(
        id=row["id"],
        name=row["name"],
        process=process,
        slots=row["slots"],
        types=tuple(row["types"]),
        started_at=row["started_at"].astimezone(UTC),
        seen_at=row["seen_at"].astimezone(UTC),
        # Another boot of a machine that is called so proves nothing: there may be two of them.
        alive=row["alive"] and not (process.boot_id == boot_id() and process.is_proven_dead()),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
