"""Text hygiene: what comes from outside is made harmless once, at the write door."""

from __future__ import annotations

import re
import unicodedata

MAX_MESSAGE = 300
"""Characters kept of one message."""

_BIDI_AND_INVISIBLE = frozenset(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]
)


_CARD = re.compile(
    r"(?<![\w.])(?:"
    r"4\d{3}(?:[ -]?\d{4}){3}"  # Visa
    r"|(?:5[1-5]\d\d|2[2-7]\d\d)(?:[ -]?\d{4}){3}"  # Mastercard
    r"|3[47]\d\d[ -]?\d{6}[ -]?\d{5}"  # American Express
    r"|3(?:0[0-5]|6\d)\d[ -]?\d{6}[ -]?\d{4}"  # Diners
    r"|(?:6\d{3}|35\d\d)(?:[ -]?\d{4}){3}"  # Discover, JCB, UnionPay, Maestro
    r")(?!\w)"
)
_NINE = 9


def clean(text: str, limit: int = MAX_MESSAGE) -> str:
    """Make *text* one line that a terminal, JSON and Postgres all take as it is.

    Control characters, NUL and newlines become a space; lone surrogates, bidirectional controls
    and zero-width characters go; of a payment card's number only the last four digits stay; more
    than *limit* characters end in "…".
    """
    is_plain = text.isascii() and text.isprintable()
    kept = text if is_plain else "".join(_harmless(char) for char in text)
    line = _CARD.sub(_masked, " ".join(kept.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _harmless(char: str) -> str:
    if ord(char) in _BIDI_AND_INVISIBLE or unicodedata.category(char) == "Cs":
        return ""
    return " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char


def is_card_number(text: str) -> bool:
    """Whether *text* is a payment card's number and nothing else."""
    found = _CARD.fullmatch(text.strip())
    return found is not None and luhn_holds(found.group())


def _masked(found: re.Match[str]) -> str:
    return f"•••• {found.group()[-4:]}" if luhn_holds(found.group()) else found.group()


def luhn_holds(number: str) -> bool:
    """Whether the last digit is the one that Luhn's sum asks for."""
    digits = [int(char) for char in number if char.isdigit()]
    doubled = [digit * 2 - _NINE * (digit * 2 > _NINE) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
