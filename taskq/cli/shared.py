"""What the commands share: options, and the ways to show things."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from taskq.cli import complete

if TYPE_CHECKING:
    from rich.console import Console

    from taskq.models import Task
    from taskq.settings import Settings
    from taskq.store import Store
    from taskq.views.screen import Glyphs, Screen
    from taskq.views.shapes import TaskShape

Db = Annotated[
    str | None,
    typer.Option(
        "--db", metavar="PATH", help="The database: a file, or postgresql://…", show_envvar=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, as the API answers it.")]
TaskId = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="A task's id, its beginning, or @ for the newest.",
        autocompletion=complete.task_ids,
    ),
]
MaybeTaskId = Annotated[
    str | None,
    typer.Argument(
        metavar="[ID]",
        help="A task's id, its beginning, or @ for the newest.",
        autocompletion=complete.task_ids,
    ),
]

TaskType = Annotated[
    str | None,
    typer.Option("--type", help="Of this type only.", autocompletion=complete.types),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="AGE", help="Submitted no longer ago: 30m, 1h30m, 2d."),
]

MOST = 1_000_000_000
"""No more is asked for: an integer of any database holds it."""

_before_command: list[str] = []


def remember_db(db: str | None) -> None:
    """Keep the `--db` that stands before the command; the one after it wins."""
    _before_command[:] = [db] if db else []


def settings(db: str | None = None, **flags: Any) -> Settings:
    """The settings in force for this command."""
    from taskq.settings import load

    return load(db=chosen_db(db), **flags)


def chosen_db(db: str | None) -> str | None:
    """The database that was named after the command, else before it."""
    return db or (_before_command[0] if _before_command else None)


@contextmanager
def store(db: str | None) -> Iterator[Store]:
    """The store this command is about."""
    from taskq import tasks

    with tasks.opened(settings(db)) as opened:
        yield opened


def say(text: str = "") -> None:
    """Print a line of data on stdout."""
    typer.echo(text)


def hint(text: str) -> None:
    """Print a line for the person on stderr."""
    typer.echo(text, err=True)


def say_json(value: Any) -> None:
    """Print JSON on stdout: indented for a person, one line for a pipe."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def document(task: Task) -> TaskShape:
    """The task as the API answers it, as of now."""
    from taskq.timeline import timeline
    from taskq.views.document import document as documented

    return documented(task, timeline(task, now()))


def say_rows(
    rows: Sequence[Sequence[str]], columns: Sequence[str], gives_way: str = "step"
) -> None:
    """Print rows: a table on a screen, nothing where there are none; tabbed and whole in a pipe."""
    from taskq.views import tables

    if not is_screen():
        for text in tables.tabbed(rows, columns):
            say(text)
    elif rows:
        console().print(tables.table(rows, columns, gives_way))


def since(age: str | None) -> datetime | None:
    """The moment that was so long ago."""
    from taskq import durations

    return now() - durations.parse(age, "--since") if age is not None else None


def is_screen() -> bool:
    """Whether stdout is a terminal that can be drawn on, whatever FORCE_COLOR says."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def console() -> Console:
    """The terminal as Rich sees it; text is never markup."""
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False, soft_wrap=not is_screen())


def screen() -> Screen:
    """What stdout is: a terminal as wide as it is now, or a pipe."""
    from taskq.views.screen import Screen

    return Screen(glyphs(), console().width) if is_screen() else Screen(glyphs())


def glyphs() -> Glyphs:
    """The marks this terminal can show."""
    from taskq.views.screen import ASCII, UNICODE

    try:
        "✓⏳□✗━".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        return ASCII
    locale = next(
        filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))), ""
    )
    plain = locale in {"C", "POSIX"} or os.environ.get("TERM") == "linux" or settings().ascii
    return ASCII if plain else UNICODE


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def exit_code(task: Task) -> int:
    """The exit code that a task's end is."""
    from taskq.models import Outcome

    codes = {Outcome.SUCCEEDED: 0, Outcome.FAILED: 1, Outcome.CANCELLED: 4, Outcome.UNKNOWN: 7}
    return codes[task.outcome] if task.outcome else 0


def say_line(value: Any) -> None:
    """Print JSON on one line of stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False))
