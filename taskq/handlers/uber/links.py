"""The links that open a ride, and what the app's own addresses say of one. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

from taskq.handlers.uber.places import Place

ENDS = ("pickup", "drop[0]")
_HOME = "/go/home"
_TRIP = re.compile(
    r"/trips?/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE
)


def home(base: str) -> str:
    """Where the app asks where to."""
    return urljoin(base, _HOME)


def web(base: str, pickup: Place, drop: Place) -> str:
    """Where the web app goes on from what is known by coordinates; the rest is typed there."""
    known = {
        name: json.dumps(_json(place), separators=(",", ":"))
        for name, place in zip(ENDS, (pickup, drop), strict=True)
        if place.point is not None
    }
    return urljoin(base, f"/looking?{_query(known.items())}") if known else home(base)


def app(base: str, pickup: Place, drop: Place) -> str:
    """What opens the same ride in the app on a person's phone."""
    said = [("action", "setPickup")]
    for name, place in (("pickup", pickup), ("dropoff", drop)):
        if place.point is not None:
            said += [(f"{name}[latitude]", str(place.point[0]))]
            said += [(f"{name}[longitude]", str(place.point[1]))]
        # Without a name the app ignores where to.
        said += [(f"{name}[nickname]", _lines(place)[0])]
        said += [(f"{name}[formatted_address]", place.address)]
    return urljoin(base, f"/ul/?{_query(said)}")


def ends(url: str) -> Mapping[str, Place]:
    """The places that an address of the app names, by `pickup` and `drop[0]`."""
    found = {}
    for name, value in parse_qsl(urlsplit(url).query):
        if name in ENDS and (place := _read(value)):
            found[name] = place
    return found


def trip_id(url: str) -> str | None:
    """The trip that an address of the app is about."""
    found = _TRIP.search(urlsplit(url).path)
    return found.group(1).lower() if found else None


def _read(text: str) -> Place | None:
    try:
        said = json.loads(text)
        lines = [str(said.get(name) or "") for name in ("addressLine1", "addressLine2")]
        point = float(said["latitude"]), float(said["longitude"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Place(", ".join(filter(None, lines)), point)


def _json(place: Place) -> dict[str, Any]:
    assert place.point is not None
    first, second = _lines(place)
    latitude, longitude = place.point
    return {
        "latitude": latitude,
        "longitude": longitude,
        "addressLine1": first,
        "addressLine2": second,
    }


def _lines(place: Place) -> tuple[str, str]:
    first, _, second = place.address.partition(",")
    return first.strip(), second.strip()


def _query(pairs: Iterable[tuple[str, str]]) -> str:
    """*pairs* with every mark encoded, a space as %20: the app takes no +."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
