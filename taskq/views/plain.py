"""A task as lines: for pipes and logs. Never a cursor code, no colour, no width."""

from __future__ import annotations

from taskq.models import Progress, Task
from taskq.views.block import clock, seconds, status_word


def entry(progress: Progress) -> str:
    """`10:00:10  Navigating to checkout`."""
    return f"{clock(progress.timestamp)}  {progress.message}"


def ending(task: Task) -> str:
    """`Task k7f-2mq-9xd completed in 25.8 s`, with the error where there is one."""
    lasted = ""
    if task.started_at and task.completed_at:
        lasted = f" in {seconds((task.completed_at - task.started_at).total_seconds())}"
    error = f": {task.error_message}" if task.error_message else ""
    return f"Task {task.id} {status_word(task).lower()}{lasted}{error}"
