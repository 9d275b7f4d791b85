"""The shapes of what is answered as JSON: `views.document` makes them, OpenAPI tells them."""

from __future__ import annotations

from typing import Any, Literal

# The one of typing has no schema before Python 3.12.
from typing_extensions import TypedDict


class EntryShape(TypedDict):
    """One entry of `result_data.progress`; the time is UTC, without a zone."""

    message: str
    timestamp: str


class ResultShape(TypedDict, extra_items=Any):  # type: ignore[call-arg] # PEP 728
    """`result_data`: the entries, and what the task's handler found (order, artifacts, …)."""

    progress: list[EntryShape]


class LineShape(TypedDict):
    """One line of the progress block: a step, begun or not; `usually` is what it tends to take."""

    message: str
    mark: Literal["done", "current", "pending", "failed", "skipped"]
    timestamp: str | None
    seconds: float | None
    usually: float | None
    slow: bool


class TimelineShape(TypedDict):
    """The progress block: until which percent the current step goes, and the seconds."""

    lines: list[LineShape]
    until: int | None
    left: float | None
    elapsed: float | None


class TaskShape(TypedDict):
    """A task: the documented keys first, then what taskq adds."""

    task_id: str
    type: str
    current_status: Literal["pending", "processing", "completed", "failed"]
    result_data: ResultShape
    created_at: str | None
    started_at: str | None
    completed_at: str | None
    error_message: str | None
    outcome: Literal["succeeded", "failed", "cancelled", "unknown"] | None
    percent: int | None
    timeline: TimelineShape
    attempt: int
    worker: str | None
    account: str | None
    cancel_requested: bool
    params: dict[str, Any]


class WorkerShape(TypedDict):
    """A worker, and the ids of the tasks it runs."""

    name: str
    host: str
    pid: int
    types: list[str]
    slots: int
    seen_at: str
    alive: bool
    tasks: list[str]


class QueueShape(TypedDict):
    """How many tasks there are, by status or outcome, and who works."""

    counts: dict[str, int]
    workers: list[WorkerShape]


class StepShape(TypedDict):
    """How long one step takes, in seconds, and how often a task failed in it."""

    step: str
    timed: int
    median: float | None
    p95: float | None
    failed: int


class TallyShape(TypedDict):
    """What the tasks of one type come to."""

    type: str
    tasks: int
    open: int
    succeeded: int
    failed: int
    unknown: int
    cancelled: int
    dry_runs: int
    steps: list[StepShape]
    success_rate: float | None
