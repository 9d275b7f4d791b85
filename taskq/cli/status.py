"""`taskq status`: a task as it is now, or the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskq.cli import shared
from taskq.cli.shared import Db, Json, MaybeTaskId

if TYPE_CHECKING:
    from taskq.store import Store


def status(
    task_id: MaybeTaskId = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show a task as it is now; without ID the queue and its workers.

    Examples: taskq status k7f · taskq status @ --json
    """
    with shared.store(db) as store:
        if task_id is None:
            _queue(store, as_json=as_json)
        else:
            _task(store, task_id, as_json=as_json)


def _task(store: Store, task_id: str, *, as_json: bool) -> None:
    from taskq import tasks
    from taskq.timeline import timeline
    from taskq.views.block import block

    task = tasks.named(store, task_id)
    if as_json:
        shared.say_json(shared.document(task))
        return
    line = timeline(task, shared.now())
    shared.console().print(block(task, line, shared.screen()))
    if tasks.waiting_for_worker(store, task):
        shared.hint("\nNo worker is running. Start one: taskq work --id 1")


def _queue(store: Store, *, as_json: bool) -> None:
    from taskq.tasks.follow import overview
    from taskq.views import document, tables

    found = overview(store)
    if as_json:
        shared.say_json(document.queue(found))
        return
    for text in tables.queue(found.counts, found.workers, found.running, shared.now()):
        shared.say(text)
