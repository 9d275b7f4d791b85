"""The products of the app and what they cost."""

from __future__ import annotations

from dataclasses import dataclass

SIGNS = {"USD": "$", "CAD": "CA$", "MXN": "MX$", "EUR": "€", "JPY": "¥"}
WITHOUT_CENTS = {"JPY"}


@dataclass(frozen=True)
class Product:
    """One kind of ride."""

    id: int
    name: str
    seats: int
    base: int
    per_mile: int
    about: str
    shared: bool = False

    def fare(self, miles: float) -> int:
        """Compute the fare in cents."""
        return self.base + round(self.per_mile * miles)


FLEET = (
    Product(1, "UberX Share", 1, 350, 180, "Shared, for less", shared=True),
    Product(2, "UberX", 4, 500, 260, "Affordable rides, all to yourself"),
    Product(3, "Comfort", 4, 700, 330, "Newer cars with extra legroom"),
    Product(4, "UberXL", 6, 900, 420, "Affordable rides for groups up to 6"),
    Product(5, "Black", 4, 1500, 600, "Luxury rides with professional drivers"),
)


def written(cents: int, currency: str) -> str:
    """Write *cents* as the app does in *currency*."""
    sign = SIGNS.get(currency, f"{currency} ")
    if currency in WITHOUT_CENTS:
        return f"{sign}{cents // 100:,}"
    return f"{sign}{cents // 100:,}.{cents % 100:02d}"


def amount(cents: int) -> str:
    """Write *cents* as data does: 18.40."""
    return f"{cents // 100}.{cents % 100:02d}"
