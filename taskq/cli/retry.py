"""`taskq retry`: a failed task once more."""

from __future__ import annotations

from taskq.cli import shared
from taskq.cli.shared import Db, Json, TaskId


def retry(task_id: TaskId, db: Db = None, as_json: Json = False) -> None:
    """Run a failed task once more, under the same id; refused where it may have paid.

    Examples: taskq retry k7f · taskq retry @ --json
    """
    from taskq import tasks

    with shared.store(db) as store:
        task = tasks.retry(store, tasks.named(store, task_id))
        if as_json:
            shared.say_json(shared.document(task))
            return
        shared.say(f"{task.id} is in the queue again")
        shared.hint(f"Watch it: taskq watch {task.id}")
