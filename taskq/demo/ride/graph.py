"""The data behind the pages: one address, and an operation by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from taskq.demo.ride import fleet, town
from taskq.demo.ride.door import Door
from taskq.demo.ride.habits import Habits
from taskq.demo.ride.town import Place
from taskq.demo.ride.trips import DRIVER, VEHICLE, WORDS, Trip, Trips, Wish
from taskq.demo.web import Request, Route

POLL_MS = 150
MOST_MILES = 100

Variables = Mapping[str, Any]


class Graph:
    """Answers what the pages' scripts ask; a request for a ride is handed on."""

    def __init__(
        self,
        trips: Trips,
        habits: Habits,
        door: Door,
        take: Callable[[Request, Wish], None],
    ) -> None:
        """Know *trips*; let *take* take the requests for rides."""
        self._trips = trips
        self._habits = habits
        self._door = door
        self._take = take
        self._listed = 0
        self._requested = 0

    def routes(self) -> list[Route]:
        """List the paths answered here."""
        return [("POST", "/go/graphql", self.answer)]

    def answer(self, request: Request) -> None:
        """Answer one operation."""
        posted = request.fields()
        variables = posted.get("variables")
        known: dict[str, Callable[[Request, Variables], None]] = {
            "PudoLocationSearch": self.search,
            "Products": self.products,
            "TripRequest": self.request_trip,
            "GetStatus": self.status,
        }
        operation = known.get(str(posted.get("operationName")))
        if operation is None or not request.headers.get("x-csrf-token"):
            request.answer_json({"errors": [{"message": "unknown"}]}, HTTPStatus.BAD_REQUEST)
        else:
            operation(request, variables if isinstance(variables, dict) else {})

    def search(self, request: Request, variables: Variables) -> None:
        """Find places by the words of their addresses."""
        text = str(variables.get("query") or "")
        habit = self._habits.suggestions
        found = town.search(text, in_two_towns=habit == "several") if habit != "none" else []
        request.answer_json({"text": text, "places": [place.as_json for place in found]})

    def products(self, request: Request, variables: Variables) -> None:
        """List what goes there; logged out without fares."""
        ends = _ends(variables)
        if ends is None:
            request.answer_json({"errorKey": "outside_service_area"})
            return
        time.sleep(self._habits.skeletons)
        self._listed += 1
        rises = self._habits.rises == "in the list" and self._listed > 1
        miles = ends[0].miles_to(ends[1])
        rows = [
            {
                "id": product.id,
                "name": product.name,
                "seats": product.seats,
                "about": product.about,
                "shared": product.shared,
                "eta": f"{product.id + 1} mins away",
                "cents": product.fare(miles) + rises * self._habits.rises_by,
                "fare": self._written(product, miles, rises=rises),
                "atConfirm": self._written(
                    product, miles, rises=self._habits.rises == "at confirm"
                ),
            }
            for product in fleet.FLEET
            if product.name not in self._habits.missing
        ]
        if not self._door.knows(request):
            rows = [{**row, "fare": "", "atConfirm": ""} for row in rows]
        request.answer_json({"products": rows})

    def _written(self, product: fleet.Product, miles: float, *, rises: bool) -> str:
        cents = product.fare(miles) + rises * self._habits.rises_by
        plain = fleet.written(cents, self._habits.currency)
        if product.name in self._habits.sold_out:
            return ""
        if self._habits.fares == "ranges":
            return f"{plain}-{fleet.written(cents + 400, self._habits.currency)}"
        return "—" if self._habits.fares == "none" else plain

    def request_trip(self, request: Request, variables: Variables) -> None:
        """Take a request for a ride, unless the fare is another by now."""
        ends = _ends(variables)
        product = next((p for p in fleet.FLEET if p.id == variables.get("product")), None)
        if not self._door.knows(request) or ends is None or product is None:
            request.answer_json({"errorKey": "forbidden", "message": "Log in to request a ride"})
            return
        self._requested += 1
        wish = Wish(
            product,
            *ends,
            fare=product.fare(ends[0].miles_to(ends[1])),
            payment=str(variables.get("payment") or ""),
            seats=int(variables.get("seats") or 1),
            pickup_at=str(variables["pickupAt"]) if variables.get("pickupAt") else None,
            checkout=str(variables.get("checkoutSessionUUID") or ""),
        )
        self._take_at_todays_fare(request, wish, variables.get("cents"))

    def _take_at_todays_fare(self, request: Request, wish: Wish, seen: object) -> None:
        times = self._requested if self._habits.rises_again else min(self._requested, 1)
        if self._habits.rises:
            wish = replace(wish, fare=wish.fare + times * self._habits.rises_by)
        if self._habits.rises == "after the request" and seen != wish.fare:
            self._trips.note(wish, "fare_changed")
            fare = fleet.written(wish.fare, self._habits.currency)
            request.answer_json({"errorKey": "fare_expired", "cents": wish.fare, "fare": fare})
        else:
            self._take(request, wish)

    def status(self, request: Request, variables: Variables) -> None:
        """Say what has become of a trip."""
        trip = self._trips.find(str(variables.get("uuid")))
        if trip is None or not self._door.knows(request):
            request.answer_json({"errorKey": "not_found"}, HTTPStatus.NOT_FOUND)
        else:
            request.answer_json(self._status(trip))

    @staticmethod
    def _status(trip: Trip) -> dict[str, Any]:
        found: dict[str, Any] = {
            "clientStatus": trip.status,
            "words": WORDS[trip.status],
            "pollingIntervalMs": POLL_MS,
        }
        if trip.status == "WaitingForPickup":
            found |= {"driver": DRIVER, "vehicle": VEHICLE, "eta": "4 min"}
        return found


def _ends(variables: Variables) -> tuple[Place, Place] | None:
    pickup, drop = Place.of(variables.get("pickup")), Place.of(variables.get("drop"))
    if pickup is None or drop is None or pickup.miles_to(drop) > MOST_MILES:
        return None
    return pickup, drop
