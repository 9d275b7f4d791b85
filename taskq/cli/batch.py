"""Many tasks from one file: CSV with a head line, or JSON lines."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskq.errors import BadInput

if TYPE_CHECKING:
    from taskq.registry import Handler

_MANY = ";"
"""What stands between several choices in one cell: Color=Black; Fit=Slim."""
_AT_MOST = 5
"""So many bad rows are told at once."""


def rows(path: Path, handler: Handler[Any]) -> list[tuple[dict[str, Any], str | None]]:
    """What each row says of its task's params, by their fields, and its key.

    A column is named like the option, or like the field; an empty cell says nothing.

    Raises:
        BadInput: the file cannot be read, or names a column that is no option.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--batch {path} cannot be read: {error}") from None
    found = _json_lines(text) if path.suffix in {".jsonl", ".json"} else _csv(text)
    if not found:
        raise BadInput(f"--batch {path} holds no tasks: one a line, under a line of option names")
    named = {handler.flag((name,)).lstrip("-"): name for name in handler.params.model_fields}
    return [_row(number, row, named) for number, row in enumerate(found, 1)]


def parsed(
    found: list[tuple[dict[str, Any], str | None]], handler: Handler[Any], common: dict[str, Any]
) -> list[Any]:
    """The params of every row, over what is *common* to all.

    Raises:
        BadInput: some rows cannot be meant; each is named.
    """
    params, faults = [], []
    for number, (given, _) in enumerate(found, 1):
        try:
            params.append(handler.parse({**common, **given}))
        except BadInput as error:
            faults.append(f"row {number}: {str(error).partition('. See: ')[0]}")
    if faults:
        more = f"; and {len(faults) - _AT_MOST} more" if len(faults) > _AT_MOST else ""
        raise BadInput(
            f"{'; '.join(faults[:_AT_MOST])}{more}. Nothing was submitted. "
            f"See: taskq submit {handler.name} --help"
        )
    return params


def _csv(text: str) -> list[dict[str, Any]]:
    found = list(csv.DictReader(io.StringIO(text), skipinitialspace=True))
    for number, row in enumerate(found, 1):
        if None in row:  # what DictReader calls the cells that no column is for
            raise BadInput(f"row {number} has more cells than the first line has names")
    return [{name.strip(): value for name, value in row.items()} for row in found]


def _json_lines(text: str) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(filter(str.strip, text.splitlines()), 1):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise BadInput(f"row {number} is no JSON object: {line[:60]}")
        found.append(row)
    return found


def _row(number: int, row: dict[str, Any], named: dict[str, str]) -> tuple[dict[str, Any], Any]:
    given: dict[str, Any] = {}
    key = None
    for column, value in row.items():
        if value in (None, ""):
            continue
        name = column.removeprefix("--")
        if name == "key":
            key = str(value)
        elif (field := named.get(name.replace("_", "-"), name)) in named.values():
            given[field] = _several(value) if field == "option" else value
        else:
            there_are = ", ".join(named)
            raise BadInput(f"row {number}: {column!r} is no option; there are: {there_are}, key")
    return given, key


def _several(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(_MANY) if part.strip()]
