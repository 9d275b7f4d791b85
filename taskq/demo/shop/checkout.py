"""A checkout: what is bought, by whom, what it comes to, and how paying for it ended."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from taskq.demo.shop.cart import Cart
from taskq.demo.shop.catalog import Line
from taskq.demo.shop.money import CURRENCY, amount
from taskq.demo.shop.places import COUNTRIES, US, Country, Rate

# What the form calls each detail, in the order in which it asks.
NAMES = {
    "email": "email",
    "countryCode": "country",
    "firstName": "first_name",
    "lastName": "last_name",
    "company": "company",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "zone": "zone",
    "postalCode": "postal_code",
    "phone": "phone",
}

# What a field says when it is empty or wrong; one that is not here may be left empty.
PROBLEMS = {
    "email": "Enter a valid email",
    "lastName": "Enter a last name",
    "address1": "Enter an address",
    "city": "Enter a city",
    "zone": "Select a state / province",
    "postalCode": "Enter a ZIP / postal code",
}
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"


@dataclass(frozen=True)
class Buyer:
    """Who buys and where it goes, as the form says it."""

    email: str = ""
    country: str = US.code
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    zone: str = ""
    postal_code: str = ""
    phone: str = ""

    @classmethod
    def of(cls, form: Mapping[str, Any]) -> Buyer:
        """Read what the checkout's form posted."""
        known = {
            ours: str(form[theirs]).strip() for theirs, ours in NAMES.items() if form.get(theirs)
        }
        if known.get("country", US.code) not in COUNTRIES:
            known["country"] = US.code
        return cls(**known)

    @property
    def form(self) -> dict[str, str]:
        """The details under the form's names."""
        return {theirs: str(getattr(self, ours)) for theirs, ours in NAMES.items()}

    @property
    def where(self) -> Country:
        """The country shipped to."""
        return COUNTRIES[self.country]

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    def problems(self) -> dict[str, str]:
        """Say what is missing or wrong, by the form's names."""
        found = {name: text for name, text in PROBLEMS.items() if not self.form[name]}
        if not self.where.zones:
            found.pop("zone", None)
        elif self.zone not in self.where.zones:
            found["zone"] = PROBLEMS["zone"]
        if not re.fullmatch(EMAIL, self.email):
            found["email"] = PROBLEMS["email"]
        if self.postal_code and not self.where.accepts_postal_code(self.postal_code):
            found["postalCode"] = f"Enter a valid {self.where.postal_label}"
        return found

    @property
    def can_be_shipped_to(self) -> bool:
        """Whether the address says enough to know the rates and the taxes."""
        return not {"address1", "city", "zone", "postalCode"} & set(self.problems())


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
    shop did not ask the bank, "repeated" that the checkout had been paid before.
    """

    checkout: Checkout = field(repr=False)
    result: str
    order: str | None = None
    confirmation: str | None = None
    card_ending: str | None = None
    message: str | None = None
    problems: dict[str, str] = field(default_factory=dict)

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
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    # Held while the bank is asked, so that a second request waits and is then told of the first.
    paying: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def path(self) -> str:
        """Where the checkout is."""
        return f"/checkouts/cn/{self.token}/en-us"

    @property
    def thank_you_path(self) -> str:
        """Where it leads."""
        return f"{self.path}/thank-you"

    def quote(self) -> Quote:
        """Compute what it comes to, as far as the address allows."""
        subtotal = sum(line.price for line in self.lines)
        if not self.buyer.can_be_shipped_to:
            return Quote(subtotal)
        rates = self.buyer.where.rates
        cheapest = min(rates, key=lambda rate: rate.price)
        chosen = next((rate for rate in rates if rate.handle == self.shipping), cheapest)
        return Quote(subtotal, rates, chosen, self.buyer.where.tax_on(subtotal))
