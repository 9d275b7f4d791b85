"""`taskq db`: the tables of a server."""

from __future__ import annotations

from typing import Annotated

import typer

from taskq.cli import shared
from taskq.cli.shared import Db

app = typer.Typer(no_args_is_help=True, help="The tables of a Postgres.")


@app.callback()
def _group() -> None:
    """Nothing but what holds for every command."""


@app.command()
def init(
    print_it: Annotated[
        bool, typer.Option("--print", help="Print the SQL, for a folder of migrations.")
    ] = False,
    schema: Annotated[
        str | None,
        typer.Option("--schema", metavar="NAME", help="Where `tasks` shall be (else public)."),
    ] = None,
    web_read: Annotated[
        bool,
        typer.Option("--web-read", help="Supabase: whoever is logged in may read the tasks."),
    ] = False,
    realtime: Annotated[
        bool, typer.Option("--realtime", help="Supabase: tell listeners of each change.")
    ] = False,
    grant: Annotated[
        str | None,
        typer.Option("--grant", metavar="ROLE", help="Let this role work with them as well."),
    ] = None,
    db: Db = None,
) -> None:
    """Make the tables, or what is missing of them: all or nothing, and as often as you like.

    A table `tasks` that is there keeps all it has; columns are added to it.

    Examples: taskq db init · taskq db init --grant app · taskq db init --print
    """
    from taskq.tasks import tables

    wanted = tables.Wanted(schema, web_read, realtime, grant)
    if print_it:
        shared.say(tables.script(wanted))
        return
    settings = shared.settings(db)
    was_there = tables.make(settings, wanted)
    said = _MADE[was_there] if settings.file is None else _A_FILE
    shared.hint(f"{settings.shown_db} {said}. Next: taskq work --id 1")


_A_FILE = "is a file and makes its tables by itself; a Postgres is named by TASKQ_DB"
_MADE = {True: "has all its tables", False: "has its tables now"}
