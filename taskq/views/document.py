"""Tasks, workers and counts as JSON: what the API answers and `--json` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from taskq.models import Task, Worker
from taskq.timeline import Line, Timeline

if TYPE_CHECKING:
    from taskq.tally import TypeTally


def document(task: Task, line: Timeline) -> dict[str, Any]:
    """The documented keys first and as documented, then what taskq adds."""
    return {
        "task_id": task.id,
        "type": task.type,
        "current_status": task.current_status.value,
        "result_data": _result_data(task.result_data),
        "created_at": _moment(task.created_at),
        "started_at": _moment(task.started_at),
        "completed_at": _moment(task.completed_at),
        "error_message": task.error_message,
        "outcome": task.outcome.value if task.outcome else None,
        "percent": line.percent,
        "timeline": {
            "lines": [_line(row) for row in line.lines],
            "until": line.until,
            "left": line.left,
            "elapsed": line.elapsed,
        },
        "attempt": task.attempt,
        "worker": task.worker_name,
        "account": task.account,
        "cancel_requested": task.cancel_requested,
        "params": dict(task.params),
    }


def queue(
    counts: Mapping[str, int], workers: Sequence[Worker], running: Sequence[Task]
) -> dict[str, Any]:
    """How many tasks there are, and who works on which of those that are *running*."""
    return {
        "counts": dict(counts),
        "workers": [
            {
                "name": worker.name,
                "host": worker.process.host,
                "pid": worker.process.pid,
                "types": list(worker.types),
                "slots": worker.slots,
                "seen_at": worker.seen_at.isoformat(),
                "alive": worker.alive,
                "tasks": [task.id for task in running if task.worker == worker.id],
            }
            for worker in workers
        ],
    }


def tally(each: TypeTally) -> dict[str, Any]:
    """What the tasks of one type come to."""
    return {**asdict(each), "success_rate": each.rate}


def _result_data(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"progress": list(data.get("progress", ())), **data}


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _line(row: Line) -> dict[str, Any]:
    return {
        "message": row.message,
        "mark": row.mark.value,
        "timestamp": row.timestamp,
        "seconds": row.seconds,
        "usually": row.usually,
        "slow": row.slow,
    }
