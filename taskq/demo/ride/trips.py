"""Trips: what was requested, what it came to, and what became of it."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from taskq.demo.ledger import Ledger
from taskq.demo.ride.fleet import FLEET, Product, amount, written
from taskq.demo.ride.habits import Habits
from taskq.demo.ride.town import PLACES, Place

DRIVER = "Grace"
VEHICLE = "Toyota Prius · 7ABC123"

# What becomes of a ride, as the page is told, by the word the habits have for it.
ENDS = {
    "driver": "WaitingForPickup",
    "no drivers": "NoDriversAvailable",
    "driver cancels": "DriverCanceled",
    "declined late": "PaymentDeclined",
    "silence": "Looking",
}
# How each reads, to the rider and in the ledger; what is not here is no end.
WORDS = {
    "Looking": "Finding your driver",
    "Scheduled": "Your ride is scheduled",
    "WaitingForPickup": f"{DRIVER} is on the way",
    "Completed": "Completed",
    "NoDriversAvailable": "No drivers available",
    "DriverCanceled": "Your driver canceled",
    "PaymentDeclined": "Payment was declined",
}
UNDONE = {
    "NoDriversAvailable": "no_drivers",
    "DriverCanceled": "driver_canceled",
    "PaymentDeclined": "payment_declined",
}


@dataclass(frozen=True)
class Wish:
    """A ride as it is asked for."""

    product: Product
    pickup: Place
    drop: Place
    fare: int
    payment: str
    seats: int = 1
    pickup_at: str | None = None
    checkout: str = ""
    """By which the page names its request: made anew for every page."""


@dataclass
class Trip:
    """A booked ride."""

    wish: Wish
    currency: str
    ends: str
    finds_in: float
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _began: float = field(default_factory=time.monotonic)

    @property
    def status(self) -> str:
        """What has become of it by now."""
        if self.wish.pickup_at:
            return "Scheduled"
        return self.ends if time.monotonic() - self._began >= self.finds_in else "Looking"

    @property
    def fare(self) -> str:
        """What it costs, as the app writes it."""
        return written(self.wish.fare, self.currency)


class Trips:
    """All trips of the one rider, and the ledger in which each request is a line."""

    def __init__(self, ledger: Ledger, habits: Habits) -> None:
        """Begin with the trips that *habits* say there were."""
        self._ledger = ledger
        self._habits = habits
        self._lock = threading.Lock()
        self._trips: dict[str, Trip] = {}
        if habits.had_trip or habits.on_trip:
            self._keep(self._earlier())

    def _earlier(self) -> Trip:
        wish = Wish(FLEET[1], PLACES[0], PLACES[2], 1504, self._habits.payments[0])
        ends = "WaitingForPickup" if self._habits.on_trip else "Completed"
        return Trip(wish, self._habits.currency, ends, 0.0)

    def _keep(self, trip: Trip) -> None:
        with self._lock:
            self._trips[trip.id] = trip

    def find(self, trip_id: str) -> Trip | None:
        """Find a trip by its id."""
        return self._trips.get(trip_id)

    def all(self) -> list[Trip]:
        """List all trips, the newest first."""
        return sorted(self._trips.values(), key=lambda trip: trip.asked_at, reverse=True)

    def current(self) -> Trip | None:
        """Give the trip the rider is on, if there was one from the start."""
        return next(iter(self._trips.values())) if self._habits.on_trip else None

    def book(self, wish: Wish) -> Trip:
        """Book a ride, as often as it is asked for."""
        ends = ENDS[self._habits.dispatch]
        trip = Trip(wish, self._habits.currency, ends, self._habits.finds_in)
        self.note(wish, "booked", trip)
        self._keep(trip)
        timer = threading.Timer(self._habits.finds_in, self._tell_end, (trip,))
        timer.daemon = True
        if ends in UNDONE and not wish.pickup_at:
            timer.start()
        return trip

    def note(self, wish: Wish, result: str, trip: Trip | None = None) -> None:
        """Write a line about what was asked for."""
        self._ledger.write(self._entry(wish, result, trip))

    def _tell_end(self, trip: Trip) -> None:
        try:
            self.note(trip.wish, UNDONE[trip.ends], trip)
        except ValueError:  # the ledger is closed by now
            return

    def _entry(self, wish: Wish, result: str, trip: Trip | None) -> dict[str, Any]:
        return {
            "result": result,
            "trip": trip.id if trip else None,
            "product": wish.product.name,
            "fare": amount(wish.fare),
            "currency": self._habits.currency,
            "from": wish.pickup.label,
            "to": wish.drop.label,
            "payment": wish.payment,
            "seats": wish.seats,
            "pickup_at": wish.pickup_at,
            "checkout": wish.checkout,
        }
