"""Bodies: JSON as the standard has it, in text that a database can hold."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any

from fastapi import Depends, Request

from taskq.errors import BadInput

MOST_BYTES = 64 * 1024
_DEEPEST = 20
_LARGEST = 2**63 - 1


class NotJson(BadInput):
    """The body is no JSON object that can be used."""


class NotTold(BadInput):
    """The body is not said to be JSON, as every form of another site could send it."""


async def _given(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise NotTold
    return parsed(await request.body())


Body = Annotated[dict[str, Any], Depends(_given)]
"""The body of a request: what every route that changes something asks for."""


def parsed(raw: bytes) -> dict[str, Any]:
    """The object that *raw* is.

    Raises:
        NotJson: it is none, or holds NaN, a huge number, NUL, half a character, or goes too deep.
    """
    try:
        found = json.loads(raw.decode(), parse_float=_number, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotJson from None
    if not isinstance(found, dict):
        raise NotJson
    _check(found, 0)
    return found


def _refuse(_: str) -> None:
    raise NotJson


def _number(text: str) -> float:
    """A number; `2.0` is the integer 2, as in JSON Schema."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _check(value: Any, depth: int) -> None:
    if depth > _DEEPEST or _is_unfit(value):
        raise NotJson
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for part in value:
            _check(part, depth + 1)


def _is_unfit(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value or any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) > _LARGEST
