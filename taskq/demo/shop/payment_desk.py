"""The payment desk: what must hold before money moves, and who is asked first."""

from __future__ import annotations

from collections.abc import Callable

from taskq.demo.shop import vault
from taskq.demo.shop.backroom import Backroom
from taskq.demo.shop.bank_desk import BankDesk, Question
from taskq.demo.shop.checkout import Checkout, Receipt
from taskq.demo.shop.checkout_desk import take_details
from taskq.demo.shop.money import amount
from taskq.demo.shop.till import TOTAL_CHANGED, Till
from taskq.demo.shop.vault import Card
from taskq.demo.web import Request

NOT_VERIFIED = "Your payment couldn’t be verified. Try again or use a different payment method."  # noqa: RUF001


class PaymentDesk:
    """Takes payment requests, one at a time for each checkout."""

    def __init__(
        self,
        backroom: Backroom,
        till: Till,
        bank: BankDesk,
        pay: Callable[[Checkout, Card], Receipt],
    ) -> None:
        """Check requests against the *backroom*, and let *pay* move the money."""
        self._backroom = backroom
        self._till = till
        self._bank = bank
        self._pay = pay

    def settle(self, request: Request, checkout: Checkout) -> Receipt:
        """Take one payment request from the checkout's page."""
        with checkout.paying:
            if checkout.receipt:
                return self._till.repeat(checkout.receipt)
            checkout.lines = self._backroom.catalog.current(checkout.lines)
            take_details(request, checkout)
            return self._settle(request, checkout)

    def _settle(self, request: Request, checkout: Checkout) -> Receipt:
        posted, safe = request.fields(), self._backroom.vault
        is_cash = checkout.habits.ways_to_pay == "several" and posted.get("method") == "cash"
        session = str(posted.get("card_session"))
        if checkout.habits.card_fields == "page" and isinstance(posted.get("card"), dict):
            safe.fill(session, posted["card"])
        problems = checkout.problems() | ({} if is_cash else safe.problems(session))
        if problems or session != checkout.card_session:
            return self._till.refuse(checkout, None, problems or vault.PROBLEMS)
        if posted.get("total") != amount(checkout.quote().total):
            return self._till.refuse(checkout, TOTAL_CHANGED)
        receipt = self._till.place(checkout) if is_cash else self._ask(checkout, safe.card(session))
        # The card has done its work; after a refusal the page shows empty fields.
        self._backroom.renew_card_session(checkout)
        return receipt

    def _ask(self, checkout: Checkout, card: Card) -> Receipt:
        """Ask the card's owner first where the bank wants it, else the bank alone."""
        if checkout.habits.three_d_secure:
            return Receipt(checkout, "asked", confirm_at=self._bank.ask(checkout, card))
        return self._pay(checkout, card)

    def confirm(self, question: Question, *, approved: bool) -> Receipt:
        """Take the word of the card's owner; only the first one counts."""
        checkout = question.checkout
        with checkout.paying:
            if checkout.receipt:
                return checkout.receipt
            if question.answer is None:
                question.answer = self._confirm(question, approved=approved)
            return question.answer

    def _confirm(self, question: Question, *, approved: bool) -> Receipt:
        checkout = question.checkout
        if not approved:
            return self._till.decline(checkout, NOT_VERIFIED)
        checkout.lines = self._backroom.catalog.current(checkout.lines)
        if question.total != checkout.quote().total:
            return self._till.refuse(checkout, TOTAL_CHANGED)
        return self._pay(checkout, question.card)
