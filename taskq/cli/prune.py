"""`taskq prune`: let go of what has long ended."""

from __future__ import annotations

from typing import Annotated

import typer

from taskq.cli import questions, shared
from taskq.cli.shared import Db, Json


def prune(
    older: Annotated[
        str, typer.Option("--older", metavar="AGE", help="Ended longer ago: 12h, 30d.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many it would be.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    db: Db = None,
    as_json: Json = False,
) -> int:
    """Delete tasks that ended long ago, with their folders and keys; never one that needs review.

    Examples: taskq prune --older 30d --dry-run · taskq prune --older 12h --yes
    """
    from taskq import durations, tasks
    from taskq.tasks import pruning

    before = shared.now() - durations.parse(older, "--older")
    settings = shared.settings(db)
    with tasks.opened(settings) as store:
        number = len(store.prunable(before)) if dry_run or not yes else 0
        if dry_run:
            _say(f"{_many(number)} would be deleted", as_json, tasks=number, dry_run=True)
            return 0
        question = f"Delete {_many(number)} for good?"
        if not questions.confirmed(question, yes=yes, command=f"taskq prune --older {older}"):
            return 1
        freed = pruning.prune(store, before, settings.data_dir)
    said = f"Deleted {_many(freed.tasks)} and {_size(freed.bytes)} of files"
    _say(said, as_json, tasks=freed.tasks, bytes=freed.bytes, dry_run=False)
    return 0


def _say(text: str, as_json: bool, **document: int) -> None:
    shared.say_json(document) if as_json else shared.say(text)


def _many(tasks: int) -> str:
    return f"{tasks} task" if tasks == 1 else f"{tasks} tasks"


def _size(value: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:  # noqa: PLR2004 - a thousand of one unit is one of the next
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
