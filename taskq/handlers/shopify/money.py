"""Amounts as shops print them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_AMOUNT = re.compile(r"\d[\d.,\u00a0\u202f' ]*")
_CODE = re.compile(r"\b[A-Z]{3}\b")
_CENTS = 2


@dataclass(frozen=True)
class Money:
    """An amount and the currency's code, as far as the shop names it."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}".strip()


def parse(text: str) -> Money | None:
    """The last amount in `USD $1,165.64` or `1.165,64 €`; None if there is none."""
    found = _AMOUNT.findall(text)
    if not found:
        return None
    code = _CODE.search(text)
    return Money(Decimal(_plain(found[-1])), code.group() if code else "")


def _plain(digits: str) -> str:
    """*digits* with a point before the cents and no other mark.

    The last mark stands before cents if one or two digits follow it: no currency groups so.
    """
    digits = re.sub(r"[\s']", "", digits).rstrip(".,")
    whole, mark, cents = digits.replace(",", ".").rpartition(".")
    if mark and len(cents) <= _CENTS:
        return f"{whole.replace('.', '')}.{cents}"
    return digits.replace(",", "").replace(".", "")
