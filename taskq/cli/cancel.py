"""`taskq cancel`: stop a task before it pays."""

from __future__ import annotations

from taskq.cli import shared
from taskq.cli.shared import Db, Json, TaskId


def cancel(task_id: TaskId, db: Db = None, as_json: Json = False) -> None:
    """Cancel a waiting task, or ask a running one to stop; refused while it pays.

    Examples: taskq cancel k7f · taskq cancel @
    """
    from taskq import tasks

    with shared.store(db) as store:
        task = tasks.cancel(store, tasks.named(store, task_id).id)
    if as_json:
        shared.say_json(shared.document(task))
    elif task.ended:
        shared.say(f"{task.id} was waiting: cancelled")
    else:
        shared.say(f"{task.id} is running: asked {task.worker_name} to stop")
