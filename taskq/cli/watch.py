"""`taskq watch`: a task live, until it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from taskq.cli import shared
from taskq.cli.shared import Db, Json, TaskId

if TYPE_CHECKING:
    from taskq.models import Task
    from taskq.store import Store


def watch(task_id: TaskId, db: Db = None, as_json: Json = False) -> int:
    """Watch a task live until it ends; exit code = its end.

    Examples: taskq watch k7f · taskq watch @ && echo ordered
    """
    from taskq import tasks

    with shared.store(db) as store:
        task = tasks.named(store, task_id)
        try:
            return shared.exit_code(follow(store, task.id, as_json=as_json))
        except KeyboardInterrupt:
            shared.hint(
                f"\nStopped watching; task {task.id} goes on. Watch again: taskq watch {task.id}"
            )
            return 130


def never() -> bool:
    """Nobody wants the watching to stop before the task ends."""
    return False


def follow(
    store: Store, task_id: str, *, as_json: bool = False, stopped: Callable[[], bool] = never
) -> Task:
    """Show the task until it ends, as this stdout can: a screen, lines, or JSON lines.

    *stopped* is asked every second; the task as it was seen last.
    """
    if shared.is_screen() and not as_json:
        return _screen(store, task_id, stopped)
    return _lines(store, task_id, stopped, as_json=as_json)


def _screen(store: Store, task_id: str, stopped: Callable[[], bool]) -> Task:
    from taskq import tasks
    from taskq.tasks.follow import follow as changes
    from taskq.timeline import timeline
    from taskq.views.block import block
    from taskq.views.live import LiveScreen

    marks = shared.glyphs()
    with LiveScreen(shared.console()) as screen:
        for task in changes(store, [task_id], tick=1.0):
            line = timeline(task, shared.now())
            frame = block(task, line, glyphs=marks, wide=shared.is_wide())
            if tasks.waiting_for_worker(store, task):
                frame.append("\n\nNo worker is running. Start one: taskq work --id 1")
            screen.show(frame)
            if stopped():
                break
    return task


def _lines(store: Store, task_id: str, stopped: Callable[[], bool], *, as_json: bool) -> Task:
    from taskq import tasks
    from taskq.tasks.follow import follow as changes
    from taskq.views import plain

    shown = 0
    for task in changes(store, [task_id], tick=1.0):
        if shown == 0 and not task.progress and tasks.waiting_for_worker(store, task):
            shared.hint("No worker is running. Start one: taskq work --id 1")
        for entry in task.progress[shown:]:
            said = {"message": entry.message, "timestamp": entry.timestamp}
            shared.say_line(said) if as_json else shared.say(plain.entry(entry))
        shown = len(task.progress)
        if stopped():
            break
    if as_json:
        shared.say_line(shared.document(task))
    elif task.ended:
        shared.say(plain.ending(task))
    return task
