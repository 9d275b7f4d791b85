"""`taskq watch`: a task live, until it ends."""

from __future__ import annotations

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


def follow(store: Store, task_id: str, *, as_json: bool = False) -> Task:
    """Show the task until it ends, as this stdout can: a screen, lines, or JSON lines."""
    if as_json:
        return _lines(store, task_id, as_json=True)
    return _screen(store, task_id) if shared.is_screen() else _lines(store, task_id, as_json=False)


def _screen(store: Store, task_id: str) -> Task:
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
    return task


def _lines(store: Store, task_id: str, *, as_json: bool) -> Task:
    from taskq import tasks
    from taskq.tasks.follow import follow as changes
    from taskq.views import plain

    shown = 0
    for task in changes(store, [task_id]):
        if shown == 0 and not task.progress and tasks.waiting_for_worker(store, task):
            shared.hint("No worker is running. Start one: taskq work --id 1")
        for entry in task.progress[shown:]:
            said = {"message": entry.message, "timestamp": entry.timestamp}
            shared.say_line(said) if as_json else shared.say(plain.entry(entry))
        shown = len(task.progress)
    shared.say_line(shared.document(task)) if as_json else shared.say(plain.ending(task))
    return task
