"""Who buys and where it goes, and what the form says when that will not do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taskq.demo.shop.places import COUNTRIES, US, Country

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
NO_PHONE = "Enter a phone number"
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

    def problems(self, demands: Mapping[str, str] = PROBLEMS) -> dict[str, str]:
        """Say what of the *demands* is missing, and what is wrong, by the form's names."""
        found = {name: text for name, text in demands.items() if not self.form[name]}
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
