"""The currencies in which fares are read, how they are marked, and others that are told. Pure."""

from __future__ import annotations

import re

SIGNS = {
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
DOLLAR = "$"
DOLLARS = {"USD", "CAD", "AUD", "NZD", "MXN", "SGD", "HKD", "TWD", "CLP", "COP", "ARS"}
"""Each is written with a bare $ where it is the local one."""
_WITHOUT_CENTS = {"JPY", "KRW", "CLP", "VND"}
CENTS = 2

_OTHERS = {"CHF", "SEK", "NOK", "DKK", "CZK", "HUF", "TRY", "ZAR", "ILS", "AED", "SAR", "PEN"}
CODES = {*SIGNS.values(), *DOLLARS, *_OTHERS}
"""The currencies that are read."""

MARK = "|".join(re.escape(mark) for mark in sorted({*SIGNS, DOLLAR, *CODES}, key=len)[::-1])
"""A pattern of what marks one of them, the longest first."""

_FOREIGN = (
    "BDT BGN BHD BOB CNY CRC DOP EGP GHS GTQ HNL HRK IDR JOD KES KWD LBP LKR MAD MUR MYR NGN NIO "
    "OMR PAB PHP PKR PYG QAR RON RSD RUB THB TND TZS UAH UGX UYU VND "
    "Bs Ft Kč RM Rp Rs S/ Tk kr lei грн лв руб"  # noqa: RUF001 - they are meant
)
FOREIGN = "|".join(re.escape(mark) for mark in _FOREIGN.split())
"""A pattern of what marks a currency that is not read: an amount in it is seen, not understood."""


def digits(currency: str) -> int:
    """How many digits of an amount in *currency* are less than one of it."""
    return 0 if currency in _WITHOUT_CENTS else CENTS
