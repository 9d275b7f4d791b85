"""How long, as a person types it: `30d`, `15m`, `1h30m`, `90s`."""

from __future__ import annotations

import re
from datetime import timedelta

from taskq.errors import BadInput

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([wdhms])")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")
_CENTURY = 36_500 * 86_400
"""More than anybody means, and no calendar ends so soon."""


def parse(text: str, option: str) -> timedelta:
    """The duration that *text* is, the value of *option*; each unit once, in any order.

    Raises:
        BadInput: it is none.
    """
    typed = text.strip().lower()
    parts = _PART.findall(typed) if _WHOLE.fullmatch(typed) else []
    if not parts or len({unit for _, unit in parts}) != len(parts):
        raise BadInput(f"{option}: {text!r} is no duration, such as 30d, 15m, 1h30m or 90s")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if seconds > _CENTURY:
        raise BadInput(f"{option}: {text!r} is longer than a century")
    return timedelta(seconds=seconds)
