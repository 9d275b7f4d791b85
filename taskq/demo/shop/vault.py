"""The card vault: another site, whose frames take the card so that the shop never sees it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from taskq.demo.shop import assets
from taskq.demo.shop.pages import Html, join, render, when
from taskq.demo.web import Request, Route

BUILD = "/build/8f2c1d0"

# The bogus gateway knows these numbers and no others.
BOGUS_NUMBERS = ("1", "2", "3")

BRANDS = {
    "Visa": r"4\d{12,18}",
    "Mastercard": r"(5[1-5]|2[2-7])\d{14}",
    "American Express": r"3[47]\d{13}",
    "Discover": r"6\d{15}",
}


@dataclass(frozen=True)
class Field:
    """One thing a card has, and how its frame asks for it."""

    name: str
    label: str
    autocomplete: str
    problem: str

    @property
    def keyboard(self) -> str:
        """Which keyboard a phone shows."""
        return "text" if self.name == "name" else "numeric"


FIELDS = (
    Field("number", "Card number", "cc-number", "Enter a valid card number"),
    Field("expiry", "Expiration date (MM / YY)", "cc-exp", "Enter a valid expiration date"),
    Field(
        "verification_value",
        "Security code",
        "cc-csc",
        "Enter the CVV or security code on your card",
    ),
    Field(
        "name", "Name on card", "cc-name", "Enter your name exactly as it's written on your card"
    ),
)
PROBLEMS = {each.name: each.problem for each in FIELDS}


@dataclass(frozen=True)
class Card:
    """A card, as only the vault and the bank see it. Its repr keeps its secrets."""

    number: str = field(repr=False)
    expiry: str = field(repr=False)
    verification_value: str = field(repr=False)
    name: str = field(repr=False)

    @property
    def ending(self) -> str:
        """What a receipt may show of the number."""
        return self.number[-4:]


def _number_problem(number: str) -> str | None:
    if number in BOGUS_NUMBERS:
        return None
    for brand, pattern in BRANDS.items():
        if re.fullmatch(pattern, number):
            return f"This store doesn't accept {brand}. Use a different card to pay."
    return PROBLEMS["number"]


def _is_ahead(expiry: str) -> bool:
    match = re.fullmatch(r"(0?[1-9]|1[0-2]) ?/? ?(?:20)?(\d\d)", expiry)
    now = datetime.now(UTC)
    return match is not None and (2000 + int(match[2]), int(match[1])) >= (now.year, now.month)


def problem(name: str, value: str) -> str | None:
    """Say what is wrong with the card's field *name*, in the words the buyer reads."""
    if name == "number":
        return _number_problem(value.replace(" ", ""))
    text = value.strip()
    good = {
        "expiry": _is_ahead(text),
        "verification_value": re.fullmatch(r"\d{3,4}", text),
        "name": text,
    }
    return None if good[name] else PROBLEMS[name]


class Vault:
    """Keeps what the frames post, in memory, until the bank has been asked."""

    def __init__(self, url: str) -> None:
        """Be found at *url*; keep nothing yet."""
        self.build_url = url + BUILD
        self._sessions: dict[str, dict[str, str]] = {}

    def open(self) -> str:
        """Begin a card session for one showing of the four frames."""
        identifier = secrets.token_hex(16)
        self._sessions[identifier] = dict.fromkeys(PROBLEMS, "")
        return identifier

    def fill(self, identifier: str, card: Mapping[str, Any]) -> None:
        """Take a whole card at once, from a page that asked for it itself."""
        if values := self._sessions.get(identifier):
            values.update({name: str(card.get(name, "")) for name in values})

    def forget(self, identifier: str) -> None:
        """Drop the card."""
        self._sessions.pop(identifier, None)

    def problems(self, identifier: str) -> dict[str, str]:
        """Say what is wrong with a session's card, by field."""
        values = self._sessions.get(identifier, dict.fromkeys(PROBLEMS, ""))
        found = {name: problem(name, value) for name, value in values.items()}
        return {name: text for name, text in found.items() if text}

    def card(self, identifier: str) -> Card:
        """Hand the card to the bank."""
        values = dict(self._sessions[identifier])
        return Card(**{**values, "number": values["number"].replace(" ", "")})

    def routes(self) -> list[Route]:
        """List the paths answered here."""
        name = rf"(?P<name>{'|'.join(PROBLEMS)})"
        return [
            ("GET", rf"{BUILD}/{name}-ltr\.html", self.frame),
            ("GET", rf"{BUILD}/(?P<name>[\w.-]+\.(?:css|js))", assets.serve),
            ("POST", r"/sessions/(?P<identifier>\w+)", self.receive),
            ("GET", rf"{BUILD}/wallet/paypal", self.paypal),
            ("GET", rf"{BUILD}/wallet/(?:shop|login)", self.wallet),
        ]

    def frame(self, request: Request, name: str) -> None:
        """Show the frame of one field. Every frame has all the inputs, for autofill."""
        inputs = join(self._input(each, own=each.name == name) for each in FIELDS)
        label = next(each.label for each in FIELDS if each.name == name)
        page = render("vault", build=BUILD, field=name, label=label, inputs=inputs)
        request.answer(HTTPStatus.OK, page)

    @staticmethod
    def _input(each: Field, *, own: bool) -> Html:
        return render(
            "vault.input",
            name=each.name,
            label=each.label,
            autocomplete=each.autocomplete,
            keyboard=each.keyboard,
            hidden=when(not own, 'aria-hidden="true" tabindex="-1"'),
            look=when(not own, "visually-hidden"),
        )

    def receive(self, request: Request, identifier: str) -> None:
        """Take the value of one field from its frame, and say whether it will do."""
        values, posted = self._sessions.get(identifier), request.fields()
        name, value = posted.get("field"), posted.get("value")
        if values is None or name not in values or not isinstance(value, str):
            request.answer_json({"error": "No such card session"}, HTTPStatus.NOT_FOUND)
            return
        values[name] = value
        request.answer_json({"problem": problem(name, value)})

    def paypal(self, request: Request) -> None:
        """Show the frame of a wallet's button."""
        button = render("wallet.button", login=f"{self.build_url}/wallet/login")
        request.answer(HTTPStatus.OK, render("wallet", build=BUILD, title="PayPal", body=button))

    def wallet(self, request: Request) -> None:
        """Show where a wallet's button leads: away from the shop."""
        title = "Log in to your wallet"
        page = render("wallet", build=BUILD, title=title, body=render("wallet.login", title=title))
        request.answer(HTTPStatus.OK, page)


def missing(request: Request) -> None:
    """Answer for every other path of the vault's site."""
    request.answer(HTTPStatus.NOT_FOUND, "Not found", "text/plain; charset=utf-8")
