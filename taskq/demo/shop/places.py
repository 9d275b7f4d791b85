"""Where the shop ships to: how each country writes an address, what shipping and taxes cost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from taskq.demo.shop.zones import PROVINCES, STATES


@dataclass(frozen=True)
class Rate:
    """One way to ship, and its price."""

    handle: str
    title: str
    detail: str
    price: int


@dataclass(frozen=True)
class Country:
    """A country, in the words of its own address form."""

    code: str
    name: str
    dial_code: str
    postal_label: str
    postal_pattern: str
    rates: tuple[Rate, ...]
    zone_label: str = ""
    zones: dict[str, str] = field(default_factory=dict)
    # In hundredths of a percent of the goods.
    tax: int = 0

    def accepts_postal_code(self, code: str) -> bool:
        """Whether *code* looks like one of this country's."""
        return re.fullmatch(self.postal_pattern, code.strip(), re.IGNORECASE) is not None

    def tax_on(self, subtotal: int) -> int:
        """Compute the sales tax on *subtotal*, to the nearest cent."""
        return (subtotal * self.tax + 5000) // 10000


def _abroad(days: str, price: int) -> tuple[Rate, ...]:
    return (Rate("international", "International", days, price),)


US = Country(
    code="US",
    name="United States",
    dial_code="+1",
    postal_label="ZIP code",
    postal_pattern=r"\d{5}(-\d{4})?",
    rates=(
        Rate("standard", "Standard", "3 to 5 business days", 800),
        Rate("express", "Express", "1 to 2 business days", 1900),
    ),
    zone_label="State",
    zones=STATES,
    tax=825,
)
CA = Country(
    code="CA",
    name="Canada",
    dial_code="+1",
    postal_label="Postal code",
    postal_pattern=r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
    rates=_abroad("5 to 8 business days", 1400),
    zone_label="Province",
    zones=PROVINCES,
)
GB = Country(
    code="GB",
    name="United Kingdom",
    dial_code="+44",
    postal_label="Postcode",
    postal_pattern=r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    rates=_abroad("6 to 10 business days", 2200),
)
DE = Country(
    code="DE",
    name="Germany",
    dial_code="+49",
    postal_label="Postal code",
    postal_pattern=r"\d{5}",
    rates=_abroad("6 to 10 business days", 2200),
)

COUNTRIES = {each.code: each for each in (CA, DE, GB, US)}
