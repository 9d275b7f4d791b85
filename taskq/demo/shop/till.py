"""The till: where a payment request becomes a receipt and a line in the ledger."""

from __future__ import annotations

import secrets
import string
import threading
from dataclasses import replace

from taskq.demo.ledger import Ledger
from taskq.demo.shop import bank
from taskq.demo.shop.catalog import Catalog
from taskq.demo.shop.checkout import Checkout, Receipt
from taskq.demo.shop.vault import Card

FIRST_ORDER = 1001
TOTAL_CHANGED = "Your order total has changed. Review and try again."
LETTERS = string.ascii_uppercase + string.digits


class Till:
    """Takes money for checkouts, once each. Hold `checkout.paying` while using it."""

    def __init__(self, catalog: Catalog, ledger: Ledger) -> None:
        """Sell out of *catalog* and write every request down in *ledger*."""
        self._catalog = catalog
        self._ledger = ledger
        self._next_order = FIRST_ORDER
        self._lock = threading.Lock()

    def charge(self, checkout: Checkout, card: Card) -> Receipt:
        """Take the goods from stock and the money from the card, or neither."""
        if missing := self._catalog.take(checkout.lines):
            return self.refuse(checkout, sold_out(missing.title))
        result = bank.charge(card)
        if result == "charged":
            order, confirmation = self._order(), _confirmation()
            return self._close(Receipt(checkout, result, order, confirmation, card.ending))
        self._catalog.put_back(checkout.lines)
        receipt = Receipt(checkout, result, message=bank.NO)
        self._ledger.write(receipt.entry())
        return receipt

    def repeat(self, first: Receipt) -> Receipt:
        """Answer a payment for what is paid already: with the receipt it has."""
        receipt = replace(first, result="repeated")
        self._ledger.write(receipt.entry())
        return receipt

    def refuse(
        self, checkout: Checkout, message: str | None, problems: dict[str, str] | None = None
    ) -> Receipt:
        """Send the buyer back without asking the bank."""
        receipt = Receipt(checkout, "refused", message=message, problems=problems or {})
        self._ledger.write(receipt.entry())
        return receipt

    def place(self, checkout: Checkout) -> Receipt:
        """Take an order that is paid in cash at the door."""
        if missing := self._catalog.take(checkout.lines):
            return self.refuse(checkout, sold_out(missing.title))
        return self._close(Receipt(checkout, "cash", self._order(), _confirmation()))

    def _close(self, receipt: Receipt) -> Receipt:
        """Write down what ends its checkout, and only then let anyone see it."""
        checkout = receipt.checkout
        self._ledger.write(receipt.entry())
        checkout.receipt = receipt
        if checkout.cart:
            checkout.cart.clear()
        return receipt

    def decline(self, checkout: Checkout, message: str) -> Receipt:
        """Take the bank's no, said before any money was asked for."""
        receipt = Receipt(checkout, "declined", message=message)
        self._ledger.write(receipt.entry())
        return receipt

    def _order(self) -> str:
        with self._lock:
            number = self._next_order
            self._next_order += 1
        return f"#{number}"


def _confirmation() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(9))


def sold_out(title: str) -> str:
    """Say that *title* went while the buyer was on the way."""
    return f"{title} is sold out. Return to your cart and remove it to continue."
