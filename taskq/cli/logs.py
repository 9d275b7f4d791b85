"""`taskq logs`: what a task did, step by step, and what it left behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taskq.cli import shared
from taskq.cli.shared import Db, Json, TaskId
from taskq.errors import NotSetUp, WrongMoment

if TYPE_CHECKING:
    from taskq.models import Task


def logs(
    task_id: TaskId,
    until_end: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until it ends; exit code = its end.")
    ] = False,
    trace: Annotated[
        bool, typer.Option("--trace", help="Open its trace in Playwright's viewer.")
    ] = False,
    db: Db = None,
    as_json: Json = False,
) -> int:
    """Tell what a task did: each entry with its time and seconds, the error, the files.

    Examples: taskq logs k7f · taskq logs @ --follow · taskq logs @ --trace
    """
    from taskq import tasks
    from taskq.tasks.follow import follow

    with shared.store(db) as store:
        task = tasks.named(store, task_id)
        if trace:
            return _open_trace(task)
        teller = _Teller(as_json=as_json)
        try:
            last = teller.tell(follow(store, [task.id]) if until_end else [task])
        except KeyboardInterrupt:
            shared.hint(f"\nStopped; task {task.id} goes on. Go on: taskq logs {task.id} -f")
            return 130
    return shared.exit_code(last) if until_end else 0


class _Teller:
    """Tells what is new of a task each time it is seen."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._told = 0

    def tell(self, seen: Iterable[Task]) -> Task:
        """Tell every entry once; the task as it was seen last."""
        from taskq.views import record

        begun = False
        for task in seen:
            if not begun and not self._as_json:
                shared.say(record.head(task) + "\n")
            begun = True
            self._entries(task)
            sys.stdout.flush()
        if self._as_json:
            shared.say_line(shared.document(task))
            return task
        rest = list(record.tail(task))
        for text in ["", *rest] if rest else []:
            shared.say(text)
        return task

    def _entries(self, task: Task) -> None:
        from taskq.models import STARTED
        from taskq.views import record

        lasted, entries = record.took(task), task.progress
        attempt = sum(entry.message.startswith(STARTED) for entry in entries[: self._told])
        for number in range(self._told, len(entries)):
            entry = entries[number]
            attempt += entry.message.startswith(STARTED)
            if self._as_json:
                shared.say_line(record.as_json(entry, lasted[number], attempt))
            else:
                before = entries[number - 1] if number else None
                shared.say(record.line(entry, lasted[number], before))
        self._told = len(entries)


def _open_trace(task: Task) -> int:
    """Show the kept trace, until the viewer is closed."""
    kept = task.result_data.get("artifacts", {}).get("trace")
    if kept is None:
        raise WrongMoment(
            f"Task {task.id} has left no trace. Keep one next time: taskq work --trace"
        )
    file = Path(str(kept))
    if not file.is_file():
        raise NotSetUp(
            f"The trace {file} is gone from this machine. See the rest: taskq logs {task.id}"
        )
    command = [sys.executable, "-m", "playwright", "show-trace", str(file)]
    return subprocess.call(command)  # noqa: S603 - the viewer of the package we depend on
