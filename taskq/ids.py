"""The names of tasks: random, short, easy to read aloud."""

from __future__ import annotations

import re
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: they look like 1, 1, 0, v
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")

MIN_PREFIX = 3
"""Characters of an id that must be typed at least."""


def new_id() -> str:
    """A fresh task id such as `k7f-2mq-9xd` (45 random bits; a clash is refused by the store)."""
    return "-".join(token(3) for _ in range(3))


def token(length: int) -> str:
    """*length* random characters of the id alphabet."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def is_id(text: str) -> bool:
    """Whether *text* may stand as a task id: also safe as a folder's name."""
    return bool(_ID.match(text))
