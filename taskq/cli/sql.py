"""`taskq sql`: a question of one's own to the database."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from taskq.clean import clean
from taskq.cli import shared
from taskq.cli.shared import Db, Json

_MAX_CELL = 1_000_000


def sql(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT, in quotes.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Ask the database in SQL; it is only read, and Postgres' -> and ->> are understood.

    Examples: taskq sql "select id, type from tasks" · taskq sql "select 1" --json
    """
    with shared.store(db) as store:
        found = store.query(query)
    if as_json:
        names = _apart(found.columns)
        rows = [dict(zip(names, map(_plain, row), strict=True)) for row in found.rows]
        shared.say_json(rows)
        return
    cells = [tuple(_text(value) for value in row) for row in found.rows]
    columns = [clean(name) for name in found.columns]
    shared.say_rows(cells, columns, gives_way=columns[-1])


def _apart(columns: tuple[str, ...]) -> list[str]:
    """Names for the keys of an object: of two alike, the second is `id_2`."""
    names: list[str] = []
    for name in columns:
        number, free = 1, name
        while free in names:
            number += 1
            free = f"{name}_{number}"
        names.append(free)
    return names


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _text(value: Any) -> str:
    return "" if value is None else clean(str(_plain(value)), _MAX_CELL)
