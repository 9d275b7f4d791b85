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
        bool | None, typer.Option("--done/--not-done", help="Whether it went through.")
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
    """Say what became of a task that needs review; alone, show what is known of it.

    Examples: taskq resolve k7f --done --reference 1001 · taskq resolve k7f --not-done --retry
    """
    import getpass

    from taskq import tasks
    from taskq.tasks import reviewing
    from taskq.views.review import review

    unclear = done is None or (done and again) or (not done and reference)
    settings = shared.settings(db)
    with tasks.opened(settings) as store:
        task = reviewing.unknown(store, task_id)
        for line in review(task, reviewing.unproven_owner(store, task)):
            shared.hint(line)
        if unclear:
            raise BadInput(
                f"Say how it ended: taskq resolve {task.id} --done --reference ORDER "
                "(or: --not-done, with --retry to run it again)"
            )
        finding = reviewing.Finding(bool(done), f"by {getpass.getuser()}", reference, again)
        task = reviewing.resolve(store, task, finding, settings.data_dir)
    if as_json:
        shared.say_json(shared.document(task))
    else:
        shared.say(f"{task.id} is {task.current_status}: {task.progress[-1].message}")
