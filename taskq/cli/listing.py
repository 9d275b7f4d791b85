"""`taskq list`: the tasks, newest first."""

from __future__ import annotations

from typing import Annotated

import typer

from taskq.cli import shared
from taskq.cli.shared import Db, Json
from taskq.errors import BadInput


def list_tasks(
    status: Annotated[
        str | None,
        typer.Option("--status", help="pending, processing, completed, failed, or an outcome."),
    ] = None,
    task_type: Annotated[str | None, typer.Option("--type", help="Of this type only.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """List the tasks, newest first.

    Examples: taskq list --status failed · taskq list --json
    """
    from taskq import registry, tasks
    from taskq.models import Outcome, Status
    from taskq.timeline import timeline
    from taskq.views import tables

    known = set(Status) | set(Outcome)
    if status is not None and status not in known:
        raise BadInput(f"--status: {status!r} is none of {', '.join(sorted(known))}")
    wanted = registry.find(task_type).task_type if task_type else None
    with shared.store(db) as store:
        rows = store.list(
            status=Status(status) if status in set(Status) else None,
            outcome=Outcome(status) if status in set(Outcome) - set(Status) else None,
            task_type=wanted,
            limit=limit,
        )
    found = [tasks.planned(task) for task in rows]
    if as_json:
        shared.say_json([shared.document(task) for task in found])
        return
    now = shared.now()
    cells = [tables.row(task, timeline(task, now), now) for task in found]
    if shared.is_screen():
        if cells:
            shared.console().print(tables.table(cells))
        else:
            shared.hint("No tasks. Submit one: taskq submit --help")
        return
    for text in tables.tabbed(cells):
        shared.say(text)
