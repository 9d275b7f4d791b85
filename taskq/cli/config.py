"""`taskq config`: what is set, and where."""

from __future__ import annotations

from typing import Any

import typer

from taskq.cli import shared
from taskq.cli.shared import Db, Json

app = typer.Typer(no_args_is_help=True, help="What is set, and where it comes from.")

_COLUMNS = ("name", "value", "source")


@app.command()
def show(db: Db = None, as_json: Json = False) -> None:
    """Show every setting in force and its source; secrets are masked.

    Examples: taskq config show · taskq config show --json
    """
    from taskq.settings import unknown_keys, user_file
    from taskq.tasks import configuration

    found = configuration.visible(db=shared.chosen_db(db))
    if as_json:
        shared.say_json([{**vars(each), "value": _plain(each.value)} for each in found])
    else:
        rows = [(each.name, _text(each.value), each.source) for each in found]
        shared.say_rows(rows, _COLUMNS, gives_way="value")
    if unknown := unknown_keys():
        shared.hint(f"Warning: {user_file()} sets what is no setting: {', '.join(unknown)}")


@app.command()
def path(as_json: Json = False) -> None:
    """Print where the settings file is, or would be.

    Examples: taskq config path · $EDITOR "$(taskq config path)"
    """
    from taskq.settings import user_file

    file = user_file()
    if as_json:
        shared.say_json({"path": str(file), "exists": file.exists()})
        return
    shared.say(str(file))
    if not file.exists():
        shared.hint("There is no such file yet; every setting is there without it.")


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | None) else str(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
