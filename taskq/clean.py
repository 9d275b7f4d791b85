"""Text hygiene: what comes from outside is made harmless once, at the write door."""

from __future__ import annotations

import unicodedata

MAX_MESSAGE = 300
"""Characters kept of one message."""

_BIDI_AND_INVISIBLE = frozenset(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]
)


def clean(text: str, limit: int = MAX_MESSAGE) -> str:
    """Make *text* one line that a terminal, JSON and Postgres all take as it is.

    Control characters, NUL and newlines become a space; lone surrogates, bidirectional controls
    and zero-width characters go; more than *limit* characters end in "…".
    """
    kept = "".join(_harmless(char) for char in text)
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _harmless(char: str) -> str:
    if ord(char) in _BIDI_AND_INVISIBLE or unicodedata.category(char) == "Cs":
        return ""
    return " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char
