"""Many tasks from one file: CSV with a head line, or JSON lines."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskq.errors import BadInput

if TYPE_CHECKING:
    from taskq.registry import Handler
    from taskq.tasks import Wish

_MANY = ";"
"""What stands between several choices in one cell: Color=Black; Fit=Slim."""
_BESIDE = ("key", "account")
_AT_MOST = 5
"""So many bad rows are told at once."""


@dataclass
class Row:
    """What one row says: of the params, by their fields, and beside them."""

    given: dict[str, Any]
    key: str | None = None
    account: str | None = None


def rows(path: Path, handler: Handler[Any]) -> list[Row]:
    """What each row says of its task.

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
    found: list[Row], handler: Handler[Any], common: dict[str, Any], account: str | None
) -> list[Wish]:
    """What every row wishes, over what is *common* to all, the *account* among it.

    Raises:
        BadInput: some rows cannot be meant; each is named.
    """
    from taskq.tasks import Wish

    wishes, faults = [], []
    for number, row in enumerate(found, 1):
        try:
            params = handler.parse({**common, **row.given})
            wishes.append(Wish(params, row.key, row.account or account))
        except BadInput as error:
            faults.append(f"row {number}: {str(error).partition('. See: ')[0]}")
    if faults:
        more = f"; and {len(faults) - _AT_MOST} more" if len(faults) > _AT_MOST else ""
        raise BadInput(
            f"{'; '.join(faults[:_AT_MOST])}{more}. Nothing was submitted. "
            f"See: taskq submit {handler.name} --help"
        )
    return wishes


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


def _row(number: int, row: dict[str, Any], named: dict[str, str]) -> Row:
    said = Row({})
    for column, value in row.items():
        if value in (None, ""):
            continue
        name = column.removeprefix("--")
        if (field := named.get(name.replace("_", "-"), name)) in named.values():
            said.given[field] = _several(value) if field == "option" else value
        elif name in _BESIDE:
            setattr(said, name, str(value))
        else:
            there_are = ", ".join((*named, *_BESIDE))
            raise BadInput(f"row {number}: {column!r} is no option; there are: {there_are}")
    return said


def _several(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(_MANY) if part.strip()]
