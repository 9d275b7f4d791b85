"""Fares as the app prints them, in the smallest coin; what cannot be read is too much. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from taskq.errors import TaskFailed

_SIGNS = {
    "US$": "USD",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "MX$": "MXN",
    "R$": "BRL",
    "HK$": "HKD",
    "NT$": "TWD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "zł": "PLN",
}
_DOLLAR = "$"
_DOLLARS = {"USD", "CAD", "AUD", "NZD", "MXN", "SGD", "HKD", "TWD", "CLP", "COP", "ARS"}
"""Each is written with a bare $ where it is the local one."""
_WITHOUT_CENTS = {"JPY", "KRW", "CLP", "VND"}
_CENTS = 2

_OTHERS = {"CHF", "SEK", "NOK", "DKK", "CZK", "HUF", "TRY", "ZAR", "ILS", "AED", "SAR", "PEN"}
CODES = {*_SIGNS.values(), *_DOLLARS, *_OTHERS}
"""The currencies that are read."""

_MARK = "|".join(re.escape(mark) for mark in sorted({*_SIGNS, _DOLLAR, *CODES}, key=len)[::-1])
_NUMBER = r"\d(?:[\d.,\u00a0\u202f' ]*\d)?"
_FARE = re.compile(rf"(?:({_MARK})\s*)?({_NUMBER})(?:\s*({_MARK}))?")
_ANY = re.compile(rf"(?:{_MARK})\s*{_NUMBER}|{_NUMBER}\s*(?:{_MARK})")
_HAS_MARK = re.compile(_MARK)
_AMOUNT = re.compile(r"(\d{1,3}(?:([.,])\d{3})(?:\2\d{3})*|\d+)(?:([.,])(\d\d))?")


@dataclass(frozen=True)
class Fare:
    """So many of the smallest coins of a currency, whose name may be a bare `$`."""

    minor: int
    currency: str

    def __str__(self) -> str:
        digits = _digits(self.currency)
        amount = Decimal(self.minor).scaleb(-digits)
        return f"${amount}" if self.currency == _DOLLAR else f"{amount} {self.currency}"


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
        if Decimal(fare.minor).scaleb(-_digits(self.currency)) > self.amount:
            raise TaskFailed(
                f"the fare {text} is above the limit of {self.amount} {self.currency}; "
                "nothing was booked"
            )
        return Fare(fare.minor, self.currency)

    def _is_mine(self, currency: str) -> bool:
        if currency == _DOLLAR:
            return self.currency in _DOLLARS and _digits(self.currency) == _CENTS
        return currency == self.currency


def looks_priced(text: str) -> bool:
    """Whether *text* is meant as a fare, be it one that can be read or not."""
    return text.strip() in {"-", "—"} or bool(_HAS_MARK.search(text))


def amounts(text: str) -> list[str]:
    """Every fare that a page's *text* names; of a line that has a currency but none, the line."""
    found = []
    for line in text.splitlines():
        here = _ANY.findall(line)
        found += here or ([line.strip()] if _HAS_MARK.search(line) else [])
    return found


def parse(text: str) -> Fare | None:
    """The one amount that is the whole of *text*: `$18.40`, `18,40 €`; None if it is not."""
    found = _FARE.fullmatch(text.strip())
    if found is None:
        return None
    before, number, after = found.groups()
    if bool(before) == bool(after):  # without a currency, or with two
        return None
    currency = _SIGNS.get(before or after, before or after)
    minor = _minor(number, _digits(currency))
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


def _digits(currency: str) -> int:
    return 0 if currency in _WITHOUT_CENTS else _CENTS
