"""A task's record: every entry of every attempt, what it left behind, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from taskq.clean import clean
from taskq.models import STARTED, Progress, Task
from taskq.views.block import seconds, status_word

_MAX_PATH = 4096


def head(task: Task) -> str:
    """`Task k7f-2mq-9xd (Completed), shopify_order, submitted 2025-11-23 10:00:00`."""
    at = task.created_at.astimezone()
    return f"Task {task.id} ({status_word(task)}), {task.type}, submitted {at:%Y-%m-%d %H:%M:%S}"


def took(task: Task) -> list[float | None]:
    """How many seconds each entry lasted; None for one that still does."""
    begun = [entry.at for entry in task.progress]
    lasted = [_between(this, following) for this, following in pairwise(begun)]
    over = task.completed_at if task.ended else None
    return [*lasted, _between(begun[-1], over) if over else None] if begun else []


def line(entry: Progress, lasted: float | None, before: Progress | None) -> str:
    """One entry: its local time, the seconds it lasted, its words.

    Under a line of its own where an attempt or, after *before*, a day begins.
    """
    at = entry.at.astimezone()
    words = "" if lasted is None else seconds(lasted)
    text = f"{at:%H:%M:%S}  {words:>8}  {entry.message}"
    if before is not None and entry.message.startswith(STARTED):
        text = f"\n{text}"
    if before is not None and before.at.astimezone().date() != at.date():
        text = f"{at:%Y-%m-%d}\n{text}"
    return text


def tail(task: Task) -> Iterator[str]:
    """What is left when the entries are told: the order, the error, and the files."""
    for name in ("trip", "order"):
        if bought := task.result_data.get(name):
            yield f"{name.capitalize()}: {clean(str(bought))}"
            break
    if task.error_message:
        yield f"Error: {task.error_message}"
    for name, path in task.result_data.get("artifacts", {}).items():
        yield f"{clean(str(name))}: {clean(str(path), _MAX_PATH)}"


def as_json(entry: Progress, lasted: float | None, attempt: int) -> dict[str, Any]:
    """One entry as a line of JSON: the documented keys, then what taskq adds."""
    said = {"message": entry.message, "timestamp": entry.timestamp}
    return {**said, "seconds": None if lasted is None else round(lasted, 3), "attempt": attempt}


def _between(earlier: datetime, later: datetime) -> float:
    return max(timedelta(), later - earlier).total_seconds()
