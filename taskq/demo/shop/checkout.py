"""A checkout: what is bought, by whom, what it comes to, and how paying for it ended."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from taskq.demo.shop.buyer import NO_PHONE, PROBLEMS, Buyer
from taskq.demo.shop.cart import Cart
from taskq.demo.shop.catalog import Line
from taskq.demo.shop.habits import DEMO, Habits
from taskq.demo.shop.money import CURRENCY, amount
from taskq.demo.shop.places import Rate

# By which Shopify knows the shop, in the addresses of the three steps.
SHOP_ID = 61230042
STEPS = ("contact_information", "shipping_method", "payment_method")


@dataclass(frozen=True)
class Quote:
    """What it comes to."""

    subtotal: int
    rates: tuple[Rate, ...] = ()
    chosen: Rate | None = None
    tax: int = 0

    @property
    def total(self) -> int:
        """Everything the buyer pays."""
        return self.subtotal + self.tax + (self.chosen.price if self.chosen else 0)


@dataclass(frozen=True)
class Receipt:
    """How one payment request ended; `result` is the word the ledger writes.

    "charged" moved money, "declined" and "failed" are the bank's no, "refused" means that the
    shop did not ask the bank, "repeated" that the checkout had been paid before. "cash"
    is an order to be paid at the door, without the card. "asked" is in no
    ledger: the card's owner has the word.
    """

    checkout: Checkout = field(repr=False)
    result: str
    order: str | None = None
    confirmation: str | None = None
    card_ending: str | None = None
    message: str | None = None
    problems: dict[str, str] = field(default_factory=dict)
    confirm_at: str | None = None

    def entry(self) -> dict[str, Any]:
        """Write it as a line of the ledger."""
        checkout, buyer = self.checkout, self.checkout.buyer
        return {
            "checkout": checkout.token,
            "order": self.order,
            "result": self.result,
            "total": amount(checkout.quote().total),
            "currency": CURRENCY,
            "email": buyer.email,
            "items": [
                {
                    "product": line.product.handle,
                    "variant": line.variant.title,
                    "variant_id": line.variant.id,
                    "quantity": line.quantity,
                }
                for line in checkout.lines
            ],
            "ship_to": {
                "name": buyer.name,
                "address1": buyer.address1,
                "city": buyer.city,
                "zone": buyer.zone,
                "postal_code": buyer.postal_code,
                "country": buyer.country,
            },
        }


@dataclass
class Checkout:
    """One visitor's way from a cart to a receipt."""

    lines: tuple[Line, ...]
    cart: Cart | None = None
    buyer: Buyer = field(default_factory=Buyer)
    shipping: str | None = None
    card_session: str = ""
    receipt: Receipt | None = None
    habits: Habits = DEMO
    # What its next page says first.
    notice: str | None = None
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    # Held while the bank is asked, so that a second request waits and is then told of the first.
    paying: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def root(self) -> str:
        """What all its addresses begin with."""
        if self.habits.steps == "three":
            return f"/{SHOP_ID}/checkouts/{self.token}"
        return f"/checkouts/cn/{self.token}"

    def step(self, name: str) -> str:
        """Give the address of one of its three steps."""
        return f"{self.root}?step={name}"

    @property
    def path(self) -> str:
        """Where the checkout is."""
        if self.habits.steps == "three":
            return self.step(STEPS[0])
        return f"{self.root}/en-us"

    @property
    def thank_you_path(self) -> str:
        """Where it leads."""
        if self.habits.steps == "three":
            return f"{self.root}/thank_you"
        return f"{self.path}/thank-you"

    @property
    def payment_path(self) -> str:
        """Where it is paid."""
        return self.step(STEPS[-1]) if self.habits.steps == "three" else self.path

    def take_notice(self) -> str | None:
        """Give what is to be said, once."""
        notice, self.notice = self.notice, None
        return notice

    @property
    def demands(self) -> dict[str, str]:
        """What must be filled in, and what is said where it is not, by the form's names."""
        return PROBLEMS | ({"phone": NO_PHONE} if self.habits.phone == "required" else {})

    def problems(self) -> dict[str, str]:
        """Say what is missing or wrong in the buyer's details, by the form's names."""
        return self.buyer.problems(self.demands)

    def quote(self) -> Quote:
        """Compute what it comes to, as far as the address allows."""
        subtotal = sum(line.price for line in self.lines)
        if not self.buyer.can_be_shipped_to:
            return Quote(subtotal)
        rates = self.buyer.where.rates
        cheapest = min(rates, key=lambda rate: rate.price)
        chosen = next((rate for rate in rates if rate.handle == self.shipping), cheapest)
        return Quote(subtotal, rates, chosen, self.buyer.where.tax_on(subtotal))
