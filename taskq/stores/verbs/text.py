"""What is written: JSON as the columns hold it, and text from outside made harmless."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from taskq.clean import clean

_SAID = ("message", "reason", "error")
"""The values that are text from outside."""


def dumped(value: Any) -> str:
    """JSON that any database takes; equal values give equal text.

    Lone surrogates become "?", a NUL goes, and a number that is none (NaN, infinity) is null.
    """
    try:
        text = _text(value)
    except ValueError:
        text = _text(_sound(value))
    if "\\u0000" in text:
        text = _text(_sound(value))
    return text.encode("utf-8", "replace").decode()


_text = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def _sound(value: Any) -> Any:
    """*value* without NULs, and with null for numbers that are none."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_sound(key): _sound(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_sound(each) for each in value]
    return value


def alike(one: Any, other: Any) -> bool:
    """Whether two values are one as JSON: `1.0` is 1, whatever a database makes of it."""
    return _whole(dumped(one)) == _whole(dumped(other))


def _whole(text: str) -> str:
    def number(digits: str) -> float | int:
        return int(float(digits)) if float(digits).is_integer() else float(digits)

    return dumped(json.loads(text, parse_float=number))


def harmless(values: dict[str, Any]) -> dict[str, Any]:
    """A statement's *values*, with what is text from outside cleaned on its way in."""
    for name in _SAID:
        if (said := values.get(name)) is not None:
            values[name] = clean(said)
    return values
