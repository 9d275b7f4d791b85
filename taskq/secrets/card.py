"""A payment card: checked, masked, and secret in any output."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import SecretStr

from taskq.clean import luhn_holds
from taskq.errors import BadInput

FIELDS = ("number", "expiry", "cvc", "name")

_BOGUS = {"1", "2", "3"}
"""The numbers of Shopify's bogus gateway: approved, declined, failed."""
_MASKABLE = 8
"""A number longer than this keeps half of itself hidden when four digits are shown."""
_EXPIRY = re.compile(r"(0?[1-9]|1[0-2]) ?/ ?(?:20)?(\d\d)", re.ASCII)


@dataclass(frozen=True)
class Card:
    """A payment card; every field but the masked number stays secret in any output."""

    number: SecretStr
    expiry: SecretStr
    cvc: SecretStr
    name: SecretStr

    @property
    def masked(self) -> str:
        """What may be shown of it: `•••• 4242`; nothing of a number too short to mask."""
        digits = self.number.get_secret_value()
        return f"•••• {digits[-4:]}" if len(digits) > _MASKABLE else "••••"

    def hidden_in(self, text: str) -> str:
        """*text* with this card's number and code made unreadable, should they be in it."""
        digits = self.number.get_secret_value()
        if len(digits) > _MASKABLE:  # a test gateway's "1" is no secret
            text = re.sub("[ -]?".join(map(re.escape, digits)), self.masked, text)
        code = re.escape(self.cvc.get_secret_value())
        return re.sub(rf"(?<![\w.,]){code}(?![\w.,])", "•••", text)

    def revealed(self) -> dict[str, str]:
        """Its fields in the open, for where it is kept and for nothing else."""
        return {field: getattr(self, field).get_secret_value() for field in FIELDS}


def made(given: Mapping[str, str]) -> Card:
    """The card of these fields, unchecked but for what stands around the digits."""
    number = re.sub(r"[ -]", "", given["number"])
    return Card(SecretStr(number), *(SecretStr(given[field].strip()) for field in FIELDS[1:]))


def checked(given: Mapping[str, Any]) -> Card:
    """The card of these fields, if it can be one.

    Raises:
        BadInput: it cannot; every problem in one sentence that repeats nothing of it.
    """
    if wrong := faults(given):
        raise BadInput("; ".join(f"{field}: {said}" for field, said in wrong.items()))
    return made({field: str(given[field]) for field in FIELDS})


def faults(given: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with these fields, by field, repeating nothing of them."""
    said = {field: _fault(field, given.get(field)) for field in FIELDS}
    unknown = sum(field not in FIELDS for field in given)
    if unknown:
        said["file"] = f"{unknown} more than {', '.join(FIELDS)}"
    return {field: fault for field, fault in said.items() if fault}


def parse(text: str) -> Card:
    """The card that *text* (TOML, or JSON) describes.

    Raises:
        BadInput: it describes none; every problem in one sentence that repeats nothing of it.
    """
    try:
        raw = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except ValueError:  # its message, or what hangs on it, would show a part of the text
        raw = None
    if raw is None:
        raise BadInput(f"This is neither TOML nor JSON; it needs {', '.join(FIELDS)}, in quotes")
    return checked(raw)


def _fault(field: str, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return "missing" if value is None else "use text in quotes"
    text = str(value).strip()
    return _CHECKS[field](text) if text else "missing"


def _number_fault(text: str) -> str | None:
    digits = re.sub(r"[ -]", "", text)
    if digits in _BOGUS:
        return None
    if not re.fullmatch(r"\d{12,19}", digits, re.ASCII) or not luhn_holds(digits):
        return "not a card's number: a digit is wrong or missing"
    return None


def _expiry_fault(text: str) -> str | None:
    found = _EXPIRY.fullmatch(text)
    if found is None:
        return "use MM/YY"
    today = date.today()  # noqa: DTZ011 - a card is good to the end of the month where it is used
    is_over = (2000 + int(found[2]), int(found[1])) < (today.year, today.month)
    return "this card has expired" if is_over else None


def _cvc_fault(text: str) -> str | None:
    return None if re.fullmatch(r"\d{3,4}", text, re.ASCII) else "use its 3 or 4 digits"


def _name_fault(text: str) -> str | None:
    return None if text.isprintable() and len(text) <= 100 else "use one line"  # noqa: PLR2004


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "number": _number_fault,
    "expiry": _expiry_fault,
    "cvc": _cvc_fault,
    "name": _name_fault,
}
