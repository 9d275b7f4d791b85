"""`taskq list`: the tasks, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from taskq.cli import complete, shared
from taskq.cli.shared import Db, Json, Since, TaskType
from taskq.errors import BadInput

if TYPE_CHECKING:
    from taskq.models import Task


def list_tasks(
    status: Annotated[
        str | None,
        typer.Option(
            "--status",
            help="pending, processing, completed, failed, or an outcome.",
            autocompletion=complete.statuses,
        ),
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option(
            "--outcome",
            help="succeeded, failed, cancelled or unknown (needs review).",
            autocompletion=complete.outcomes,
        ),
    ] = None,
    task_type: TaskType = None,
    since: Since = None,
    search: Annotated[
        str | None,
        typer.Option("--search", metavar="TEXT", help="With this in id, input, error or account."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """List the tasks, newest first.

    Examples: taskq list --status failed · taskq list --outcome unknown --since 2d --json
    """
    from taskq import tasks
    from taskq.models import Outcome, Status

    of_status, of_outcome = set(Status), set(Outcome)
    _check("--status", status, of_status | of_outcome)
    _check("--outcome", outcome, of_outcome)
    end = status if status in of_outcome - of_status else None
    if end and outcome not in {None, end}:
        raise BadInput(f"--status {end} and --outcome {outcome} are different ends: say one")
    outcome = outcome or end
    after = shared.since(since)
    with shared.store(db) as store:
        found = store.list(
            status=Status(status) if status and not end else None,
            outcome=Outcome(outcome) if outcome else None,
            task_type=tasks.type_named(store, task_type) if task_type else None,
            since=after,
            text=search,
            limit=min(limit, shared.MOST),
        )
    narrowed = bool(status or outcome or task_type or since or search)
    _show([tasks.planned(task) for task in found], narrowed=narrowed, as_json=as_json)


def _check(option: str, word: str | None, known: set[Any]) -> None:
    if word is not None and word not in known:
        raise BadInput(f"{option}: {word!r} is none of {', '.join(sorted(known))}")


def _show(found: Sequence[Task], *, narrowed: bool, as_json: bool) -> None:
    from taskq.timeline import timeline
    from taskq.views import tables

    if as_json:
        shared.say_json([shared.document(task) for task in found])
        return
    now = shared.now()
    shared.say_rows([tables.row(task, timeline(task, now), now) for task in found], tables.COLUMNS)
    if not found and narrowed:
        shared.hint("No task matches. See them all: taskq list")
    elif not found:
        shared.hint("No tasks. Submit one: taskq submit --help")
