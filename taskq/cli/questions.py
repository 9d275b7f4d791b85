"""What a person at a terminal is asked: who orders, and with which card."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from taskq.cli import shared
from taskq.errors import BadInput

if TYPE_CHECKING:
    from taskq.profiles import Profile
    from taskq.secrets import Card

_PROFILE = {
    "email": "E-mail",
    "first_name": "First name",
    "last_name": "Last name",
    "address1": "Street and number",
    "address2": "Apartment (may stay empty)",
    "city": "City",
    "country": "Country (ISO code, such as US)",
    "province": "State or province (ISO code, such as NY; empty where there are none)",
    "postal_code": "Postal code (empty where there are none)",
    "phone": "Phone (may stay empty)",
    "max_price": "Never pay more than (may stay empty)",
}
_CARD = {
    "number": "Card number (hidden)",
    "expiry": "Good until (MM/YY)",
    "cvc": "Security code (hidden)",
    "name": "Name on the card",
}
_HIDDEN = {"number", "cvc"}
_CODES = {"country", "province"}
_NOTHING = "-"
"""What is typed to leave a field empty that has a value."""


def can_ask() -> bool:
    """Whether a person is at the terminal, to read a question and to answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def profile(present: Mapping[str, Any] | None = None) -> Profile:
    """Who orders, as the person says; what is *present* stands unless another answer is given.

    What cannot be meant is asked again, until it can.
    """
    from taskq import profiles

    known = {field: str(value) for field, value in (present or {}).items() if field in _PROFILE}
    if known:
        shared.hint(f"Enter keeps what stands in brackets; {_NOTHING} empties it.")
    wanted = set(_PROFILE)
    while wanted:
        for field in (field for field in _PROFILE if field in wanted):
            known[field] = _answer(field, _PROFILE[field], known.get(field, ""))
        given = {field: value for field, value in known.items() if value}
        wrong = profiles.faults(given)
        _tell(wrong)
        wanted = set(wrong)
    return profiles.from_answers(given)


def card() -> Card:
    """What is paid with, as the person says; number and code are not shown."""
    from taskq.secrets import card as cards

    given: dict[str, str] = {}
    wanted = set(_CARD)
    while wanted:
        for field in (field for field in _CARD if field in wanted):
            hidden = field in _HIDDEN
            given[field] = typer.prompt(
                _CARD[field], default="", show_default=False, hide_input=hidden, err=True
            )
        wrong = cards.faults(given)
        _tell(wrong)
        wanted = set(wrong)
    return cards.checked(given)


def confirmed(question: str, *, yes: bool, command: str) -> bool:
    """Whether the person says yes, or has said so with `--yes`.

    Raises:
        BadInput: nobody is here to say it.
    """
    if yes:
        return True
    if not can_ask():
        raise BadInput(f"Nobody is here to say yes: {command} --yes")
    return typer.confirm(question, default=False, err=True)


def _answer(field: str, question: str, present: str) -> str:
    said: str = typer.prompt(question, default=present, show_default=bool(present), err=True)
    said = "" if said.strip() == _NOTHING else said.strip()
    return said.upper() if field in _CODES else said


def _tell(wrong: Mapping[str, str]) -> None:
    for field, said in wrong.items():
        shared.hint(f"{field}: {said}")
