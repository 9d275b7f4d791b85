"""Tasks, workers and counts as JSON: what the API answers and `--json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from taskq.models import Overview, Task
from taskq.timeline import Line, Timeline
from taskq.views.shapes import (
    LineShape,
    QueueShape,
    ResultShape,
    StepShape,
    TallyShape,
    TaskShape,
    WorkerShape,
)

if TYPE_CHECKING:
    from taskq.tally import StepTally, TypeTally


def document(task: Task, line: Timeline) -> TaskShape:
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


def queue(found: Overview) -> QueueShape:
    """How many tasks there are, and who works on which of those that run."""
    return {"counts": dict(found.counts), "workers": workers(found)}


def workers(found: Overview) -> list[WorkerShape]:
    """The workers, oldest first."""
    return [
        {
            "name": worker.name,
            "host": worker.process.host,
            "pid": worker.process.pid,
            "types": list(worker.types),
            "slots": worker.slots,
            "seen_at": worker.seen_at.isoformat(),
            "alive": worker.alive,
            "tasks": [task.id for task in found.running if task.worker == worker.id],
        }
        for worker in found.workers
    ]


def tally(each: TypeTally) -> TallyShape:
    """What the tasks of one type come to."""
    return {
        "type": each.type,
        "tasks": each.tasks,
        "open": each.open,
        "succeeded": each.succeeded,
        "failed": each.failed,
        "unknown": each.unknown,
        "cancelled": each.cancelled,
        "dry_runs": each.dry_runs,
        "steps": [_step(step) for step in each.steps],
        "success_rate": each.rate,
    }


def _step(step: StepTally) -> StepShape:
    return {
        "step": step.step,
        "timed": step.timed,
        "median": step.median,
        "p95": step.p95,
        "failed": step.failed,
    }


def _result_data(data: Mapping[str, Any]) -> ResultShape:
    return cast("ResultShape", {"progress": list(data.get("progress", ())), **data})


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat()[:19] + "Z" if moment else None


def _line(row: Line) -> LineShape:
    return {
        "message": row.message,
        "mark": row.mark.value,
        "timestamp": row.timestamp,
        "seconds": row.seconds,
        "usually": row.usually,
        "slow": row.slow,
    }
