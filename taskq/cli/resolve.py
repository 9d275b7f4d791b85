"""`taskq resolve`: what a person found out about a task that needs review."""

from __future__ import annotations

from typing import Annotated

import typer

from taskq.cli import shared
from taskq.cli.shared import Db, Json, TaskId
from taskq.errors import BadInput


def resolve(
    task_id: TaskId,
    done: Annotated[
        bool | None, typer.Option("--done/--not-done", help="Whether it was bought.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", help="With --done: the order's number.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--retry", help="With --not-done: run it once more.")
    ] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Say what became of a task that needs review.

    Examples: taskq resolve k7f --done --reference 1001 · taskq resolve k7f --not-done --retry
    """
    from taskq import tasks

    if done is None or (done and again) or (not done and reference):
        raise BadInput(
            f"Say how it ended: taskq resolve {task_id} --done --reference ORDER "
            "(or: --not-done, with --retry to run it again)"
        )
    with shared.store(db) as store:
        task = tasks.named(store, task_id)
        task = tasks.resolve(store, task, done=done, reference=reference, again=again)
    if as_json:
        shared.say_json(shared.document(task))
    else:
        shared.say(f"{task.id} is {task.current_status}: {task.progress[-1].message}")
