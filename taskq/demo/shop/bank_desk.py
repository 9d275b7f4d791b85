"""The bank's own page, on its own site: asks the card's owner to confirm a payment."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from taskq.demo.shop import checkout_page
from taskq.demo.shop.checkout import Checkout, Receipt
from taskq.demo.shop.goods import BRAND
from taskq.demo.shop.money import CURRENCY, price
from taskq.demo.shop.pages import Html, render
from taskq.demo.shop.vault import BUILD, Card
from taskq.demo.web import Request, Route


@dataclass
class Question:
    """A payment that waits for the word of the card's owner."""

    checkout: Checkout
    card: Card
    total: int
    answer: Receipt | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(16))


class Confirm(Protocol):
    """What becomes of an answer."""

    def __call__(self, question: Question, *, approved: bool) -> Receipt:
        """Take the answer, and give what came of it."""
        ...


class BankDesk:
    """Asks, and leads back to the shop."""

    def __init__(self, url: str, shop_url: str, confirm: Confirm) -> None:
        """Be found at *url*; tell *confirm* the answers."""
        self._url = url
        self._shop_url = shop_url
        self._confirm = confirm
        self._questions: dict[str, Question] = {}

    def ask(self, checkout: Checkout, card: Card) -> str:
        """Keep the payment until its card's owner has answered, and say where they are asked."""
        question = Question(checkout, card, checkout.quote().total)
        self._questions[question.id] = question
        return f"{self._url}/3ds/{question.id}"

    def routes(self) -> list[Route]:
        """List the paths answered here."""
        one = r"/3ds/(?P<identifier>[0-9a-f]{32})"
        return [("GET", one, self._known(self.show)), ("POST", one, self._known(self.take))]

    def _known(self, answer: Callable[[Request, Question], None]) -> Callable[..., None]:
        def knowing(request: Request, identifier: str) -> None:
            if question := self._questions.get(identifier):
                answer(request, question)
            else:
                request.answer(HTTPStatus.NOT_FOUND, "Not found", "text/plain; charset=utf-8")

        return knowing

    def show(self, request: Request, question: Question) -> None:
        """Ask."""
        total = f"{price(question.total)} {CURRENCY}"
        ending = question.card.ending
        body = render("bank.question", brand=BRAND, total=total, ending=ending)
        request.answer(HTTPStatus.OK, render("bank", build=BUILD, body=body))

    def take(self, request: Request, question: Question) -> None:
        """Take the answer and lead back: the whole page, or the one around this frame."""
        checkout = question.checkout
        receipt = self._confirm(question, approved=request.fields().get("answer") == "approve")
        if checkout.habits.three_d_secure == "frame":
            outcome = json.dumps(checkout_page.outcome(receipt)).replace("<", r"\u003c")
            origin = json.dumps(self._shop_url)
            body = render("bank.answered", outcome=Html(outcome), origin=Html(origin))
            request.answer(HTTPStatus.OK, render("bank", build=BUILD, body=body))
            return
        checkout.notice = receipt.message
        path = checkout.thank_you_path if receipt.order else checkout.payment_path
        request.redirect(self._shop_url + path)
