"""Where rides go: a few places of one town, and what lies between them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EARTH_MILES = 3958.8


@dataclass(frozen=True)
class Place:
    """One end of a ride."""

    address1: str
    address2: str
    latitude: float
    longitude: float
    id: str = ""

    @classmethod
    def of(cls, given: object) -> Place | None:
        """Read the JSON of a link; None without coordinates."""
        if not isinstance(given, Mapping):
            return None
        try:
            latitude, longitude = float(given["latitude"]), float(given["longitude"])
        except (KeyError, TypeError, ValueError):
            return None
        first, second, place = (
            str(given.get(name) or "") for name in ("addressLine1", "addressLine2", "id")
        )
        return cls(first, second, latitude, longitude, place)

    @property
    def as_json(self) -> dict[str, Any]:
        """Write it as links do."""
        return {
            "addressLine1": self.address1,
            "addressLine2": self.address2,
            "id": self.id,
            "source": "SEARCH",
            "latitude": self.latitude,
            "longitude": self.longitude,
            "provider": "uber_places",
        }

    @property
    def label(self) -> str:
        """The whole address in a line."""
        return ", ".join(filter(None, (self.address1, self.address2)))

    def miles_to(self, other: Place) -> float:
        """Measure the way to *other*, as the crow flies."""
        here, there = math.radians(self.latitude), math.radians(other.latitude)
        east = math.radians(other.longitude - self.longitude)
        chord = (
            math.sin((there - here) / 2) ** 2
            + math.cos(here) * math.cos(there) * math.sin(east / 2) ** 2
        )
        return 2 * EARTH_MILES * math.asin(math.sqrt(chord))


TOWN = "New York, NY"
PLACES = (
    Place("12 Analytical Row", TOWN, 40.7484, -73.9857, "place-row"),
    Place("12 Analytical Row North", TOWN, 40.7584, -73.9861, "place-north"),
    Place("1 Engine Square", TOWN, 40.7128, -74.0060, "place-square"),
    Place("Difference Station", TOWN, 40.7527, -73.9772, "place-station"),
    Place("Long Walk Airport", "Queens, NY", 40.6413, -73.7781, "place-airport"),
)
# The same street in the next town.
ELSEWHERE = ("Newark, NJ", 40.7357, -74.1724)


def search(text: str, *, in_two_towns: bool = False) -> list[Place]:
    """Find the places whose address has all the words of *text*, or begins with them."""
    words = _words(text)
    found = [place for place in PLACES if words and words <= _words(place.label)]
    if in_two_towns:
        found += [Place(each.address1, *ELSEWHERE, each.id + "-2") for each in found]
    return found


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
