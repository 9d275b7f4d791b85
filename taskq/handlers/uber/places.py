"""Where a ride begins and ends: by coordinates where they are known, else by its address. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_EARTH_MILES = 3958.8
_SAME_MILES = 0.1
"""Closer than this two points are one place: the app puts a pickup at the nearest kerb."""
FARTHEST_MILES = 100.0
"""What the app itself refuses."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """One end of a ride: its *address* is what a person calls it, its *point* decides."""

    address: str
    point: Point | None = None

    def is_at(self, other: Place) -> bool:
        """Whether *other*, which the app shows, is this place."""
        if self.point is None:
            return is_same_address(self.address, other.address)
        return other.point is not None and miles(self.point, other.point) <= _SAME_MILES


def miles(here: Point, there: Point) -> float:
    """The way between two points, as the crow flies."""
    north, south = math.radians(here[0]), math.radians(there[0])
    east = math.radians(there[1] - here[1])
    chord = (
        math.sin((south - north) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    )
    return 2 * _EARTH_MILES * math.asin(min(1.0, math.sqrt(chord)))


def is_same_point(here: Point, there: Point) -> bool:
    """Whether nobody needs a ride from one to the other."""
    return miles(here, there) <= _SAME_MILES


def is_same_address(asked: str, offered: str) -> bool:
    """Whether *offered* is what was asked for: the whole of it, or all of its first line."""
    return words(asked) in (words(offered), words(offered.partition(",")[0]))


def words(text: str) -> list[str]:
    """The words of an address, which is written with or without commas and capitals."""
    return re.findall(r"\w+", text.casefold())
