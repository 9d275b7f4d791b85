"""Fares as the app prints them, in the smallest coin; what cannot be read is too much. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from taskq.errors import TaskFailed
from taskq.handlers.uber.currencies import (
    CENTS,
    DOLLAR,
    DOLLARS,
    FOREIGN,
    MARK,
    SIGNS,
    digits,
)

_NUMBER = r"\d(?:[\d.,\u00a0\u202f' ]*\d)?"
_FARE = re.compile(rf"(?:({MARK})\s*)?({_NUMBER})(?:\s*({MARK}))?")
_HAS_MARK = re.compile(MARK)
_AMOUNT = re.compile(r"(\d{1,3}(?:([.,])\d{3})(?:\2\d{3})*|\d+)(?:([.,])(\d\d))?")

# In the middle of a text; all of it on one line, so that no two are taken for one.
_SPACE = "[ \u00a0\u202f]?"
_PLAIN = (
    r"(?:\d{1,3}(?:[ \u00a0\u202f'.,]\d{3})+(?:[.,]\d\d)?|\d+(?:[.,]\d\d)?)"
    r"(?![.,'\u00a0\u202f ]?\d)"
)
_WITHIN = re.compile(
    rf"(?<![\w.,])(?:(?:{MARK}){_SPACE}{_PLAIN}(?:{_SPACE}(?:{MARK}))?"
    rf"|{_PLAIN}{_SPACE}(?:{MARK})(?!{_SPACE}\d))(?!\w)"
)
_DASH = r"[-\u2010-\u2015\u2212]"
_PART_BEFORE = re.compile(
    r"(?:\b(?:from|up to|at least|at most|about|around|approx\w*\.?|estimated|under|over)"
    rf"|[~≈±+<>≤≥\u00d7/*]|(?:^|\n|\S|\d\s+){_DASH}|\d\s*(?:to|and|or))\s*$",
    re.IGNORECASE,
)
_PART_AFTER = re.compile(
    rf"{_DASH}|\s*(?:[~≈±+<>≤≥\u00d7/*%…]|\.\.|{_DASH}\s*\W?\d)"
    r"|[ \u00a0]*(?:to|and|or|per|a|each|x)\b|\s*\n\s*(?:to|and|or)\s*\n\s*\d",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"\b(?:extra|added|additional|plus|fees?|tolls?|tips?|more|off|discount|sav(?:e|ings?)|was)\b",
    re.IGNORECASE,
)
"""On the line of an amount, or on one next to it: it is not what the ride costs."""
_DEARER = re.compile(
    r"\bsurg(?:e|ing)\b|surcharge|\d\s?[x\u00d7](?!\w)|(?<!\w)[x\u00d7]\s?\d", re.IGNORECASE
)
_MEANT = re.compile(r"fare|pric(?:e|ing)", re.IGNORECASE)
_UNREAD = re.compile(
    r"(?<![\d.,:])\d[\d.,'\u00a0\u202f]*[.,]\d\d(?![.,]?\d)"
    rf"|(?<!\w)(?:{FOREIGN}|{MARK})\.?{_SPACE}\d|\d{_SPACE}(?:{FOREIGN}|{MARK})(?!\w)"
)
"""What may be an amount as well: two decimals without a currency, or with one that is not read."""


@dataclass(frozen=True)
class Fare:
    """So many of the smallest coins of a currency, whose name may be a bare `$`."""

    minor: int
    currency: str

    def __str__(self) -> str:
        amount = Decimal(self.minor).scaleb(-digits(self.currency))
        return f"${amount}" if self.currency == DOLLAR else f"{amount} {self.currency}"


@dataclass(frozen=True)
class Limit:
    """The most that a ride may cost; without an *amount* any fare will do that can be read."""

    amount: Decimal | None
    currency: str

    def check(self, text: str) -> Fare:
        """The fare that *text* is.

        Raises:
            TaskFailed: it cannot be read, is in another currency, or is above the limit.
        """
        fare = parse(text)
        if fare is None:
            said = f"the fare {text!r} cannot be read" if text else "no fare is shown"
            raise TaskFailed(f"{said}; nothing was booked")
        if self.amount is None:
            return fare
        if not self._is_mine(fare.currency):
            raise TaskFailed(
                f"the fare {text} is not in {self.currency}, as the limit is; nothing was booked. "
                "Say which it is: --max-fare AMOUNT --currency CODE"
            )
        if Decimal(fare.minor).scaleb(-digits(self.currency)) > self.amount:
            raise TaskFailed(
                f"the fare {text} is above the limit of {self.amount} {self.currency}; "
                "nothing was booked"
            )
        return Fare(fare.minor, self.currency)

    def _is_mine(self, currency: str) -> bool:
        if currency == DOLLAR:
            return self.currency in DOLLARS and digits(self.currency) == CENTS
        return currency == self.currency


def looks_priced(text: str) -> bool:
    """Whether *text* is meant as a fare, be it one that can be read or not."""
    return text.strip() in {"-", "—"} or bool(_HAS_MARK.search(text))


def only_amount(text: str) -> str | None:
    """The one amount that a page's *text* names, for `Limit.check`; None if it names none.

    Empty, which no limit lets pass, where it names several, or what may be one and is not plainly
    what the ride costs: a range, a surcharge, another currency, a fare that cannot be read.
    """
    found = list(_WITHIN.finditer(text))
    rest = _WITHIN.sub(" ", text)
    if _DEARER.search(text) or _UNREAD.search(rest) or any(map(_is_sign, rest)):
        return ""
    if not found:
        return "" if _MEANT.search(text) else None
    if len({parse(each.group()) for each in found}) > 1 or any(map(_is_part, found)):
        return ""
    return found[0].group()


def _is_part(found: re.Match[str]) -> bool:
    """Whether the amount that was *found* is less than the whole of what is said there."""
    before, after = found.string[: found.start()], found.string[found.end() :]
    if _PART_BEFORE.search(before) or _PART_AFTER.match(after):
        return True
    near = [*_lines(before)[-2:], *_lines(after)[:2]]
    return parse(found.group()) is None or any(map(_BESIDE.search, near))


def _lines(text: str) -> list[str]:
    """The lines of *text* that are not blank, and its first and last even so."""
    first, *within = text.split("\n")
    last = within[-1:]
    return [first, *(line for line in within[:-1] if line.strip()), *last]


def _is_sign(char: str) -> bool:
    return unicodedata.category(char) == "Sc"


def parse(text: str) -> Fare | None:
    """The one amount that is the whole of *text*: `$18.40`, `18,40 €`; None if it is not."""
    found = _FARE.fullmatch(text.strip())
    if found is None:
        return None
    before, number, after = found.groups()
    if bool(before) == bool(after):  # without a currency, or with two
        return None
    currency = SIGNS.get(before or after, before or after)
    minor = _minor(number, digits(currency))
    return None if minor is None else Fare(minor, currency)


def _minor(number: str, digits: int) -> int | None:
    """*number* in the smallest coin, if its marks stand where they can be meant."""
    found = _AMOUNT.fullmatch(re.sub(r"[\s']", "", number))
    if found is None:
        return None
    whole, groups, point, cents = found.groups()
    if point and (point == groups or digits == 0):
        return None
    coins: int = 10**digits
    return int(re.sub(r"\D", "", whole)) * coins + int(cents or 0)
