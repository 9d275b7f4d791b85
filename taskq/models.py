"""A task and what belongs to it, as frozen data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from taskq.process import Process

STARTED = "Task started by "
"""How the first entry of every attempt begins; the worker's name follows."""

MAX_ATTEMPTS = 3
"""How often a task may lose its worker before it counts as failed."""


class Status(StrEnum):
    """The four values of `current_status`, and no others."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class Outcome(StrEnum):
    """How an ended task ended; derived from the row, never written."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Progress:
    """One entry of `result_data.progress`; *timestamp* is UTC without a zone, as documented."""

    message: str
    timestamp: str

    @property
    def at(self) -> datetime:
        """The timestamp as an aware datetime."""
        return datetime.fromisoformat(self.timestamp).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Task:
    """One row of `tasks`. Times are aware and UTC; *plan* and *intent* are as stored.

    *account* names the saved login it is done with, of which the row holds nothing else.
    """

    id: str
    type: str
    current_status: Status
    result_data: Mapping[str, Any]
    error_message: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    params: Mapping[str, Any] = field(default_factory=dict)
    plan: tuple[Mapping[str, Any], ...] | None = None
    key: str | None = None
    identity: str | None = None
    lane: str | None = None
    account: str | None = None
    attempt: int = 0
    max_attempts: int = MAX_ATTEMPTS
    worker: str | None = None
    intent: Mapping[str, Any] | None = None
    cancel_requested: bool = False
    outcome: Outcome | None = None

    @property
    def progress(self) -> tuple[Progress, ...]:
        """The entries, oldest first."""
        return tuple(
            Progress(entry["message"], entry["timestamp"])
            for entry in self.result_data.get("progress", ())
        )

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.current_status in {Status.COMPLETED, Status.FAILED}

    @property
    def worker_name(self) -> str | None:
        """`worker-1`: the start of a worker without what tells it from later ones."""
        return self.worker.partition(".")[0] if self.worker else None


@dataclass(frozen=True)
class NewTask:
    """What submit writes; *again* lifts the duplicate guard for this one task."""

    id: str
    type: str
    params: Mapping[str, Any]
    plan: tuple[Mapping[str, Any], ...] | None = None
    key: str | None = None
    identity: str | None = None
    lane: str | None = None
    account: str | None = None
    max_attempts: int = MAX_ATTEMPTS
    again: bool = False


@dataclass(frozen=True)
class Ending:
    """How an attempt ends its task, in one write.

    *evidence* is proof that the thing was bought, and names the attempt that bought it: it is
    accepted from anybody, whoever owns the task by then. *clears_intent* is the definite "nothing
    was bought" of a decline.
    """

    status: Status
    message: str | None = None
    error: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    evidence: int | None = None
    clears_intent: bool = False


@dataclass(frozen=True)
class Resolution:
    """What a person found out about a task whose outcome is unknown."""

    done: bool
    messages: tuple[str, ...]
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    retry: bool = False


@dataclass(frozen=True)
class Worker:
    """One start of `taskq work`; *seen_at* is its last beat, *left_at* when it was gone."""

    id: str
    name: str
    process: Process
    slots: int
    types: tuple[str, ...]
    started_at: datetime
    seen_at: datetime
    alive: bool


@dataclass(frozen=True)
class Beat:
    """What a heartbeat learned: ids of tasks that are lost, and of those asked to stop."""

    lost: frozenset[str]
    cancelled: frozenset[str]


@dataclass(frozen=True)
class Queue:
    """All that runs and waits, oldest first, what has ended since, and who works."""

    running: Sequence[Task]
    waiting: Sequence[Task]
    ended: Sequence[Task]
    counts: Mapping[str, int]
    workers: Sequence[Worker]


@dataclass(frozen=True)
class Answer:
    """What a person's own query gave: the names of its columns, and its rows."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Overview:
    """The queue without its tasks: how many there are, who works, and what runs."""

    counts: Mapping[str, int]
    workers: Sequence[Worker]
    running: Sequence[Task]
