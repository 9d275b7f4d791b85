"""The app's pages: where to, in what, and what became of it."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from taskq.demo.ride.door import Door
from taskq.demo.ride.habits import Habits
from taskq.demo.ride.pages import Around, Html, join, render, show
from taskq.demo.ride.town import Place
from taskq.demo.ride.trips import WORDS, Trip, Trips
from taskq.demo.web import Request, Route

ID = r"(?P<trip_id>[0-9a-f-]{36})"


class App:
    """Shows riders the way to a ride."""

    def __init__(self, trips: Trips, habits: Habits, door: Door) -> None:
        """Show *trips* to whom *door* knows."""
        self._trips = trips
        self._habits = habits
        self._door = door

    def routes(self) -> list[Route]:
        """List the paths answered here."""
        return [
            ("GET", "/", lambda request: request.redirect("/go/home")),
            ("GET", "/looking", self.looking),
            ("GET", "/go/home", self.home),
            ("GET", "/go/product-selection", self.products),
            ("GET", "/trips", self.activity),
            ("GET", f"/(?:go/trip|trips)/{ID}", self.trip),
        ]

    def looking(self, request: Request) -> None:
        """Lead from a link to the page of the app that goes on from it."""
        kept = {
            name: request.query[name] for name in ("pickup", "drop[0]") if _place(request, name)
        }
        there = "product-selection" if len(kept) == len(("pickup", "drop")) else "home"
        request.redirect(f"/go/{there}?{urlencode(kept)}")

    def home(self, request: Request) -> None:
        """Ask where from and where to."""
        if trip := self._trips.current():
            request.redirect(f"/go/trip/{trip.id}")
        else:
            self.show(request, "Request a ride", render("home"), "home.js")

    def products(self, request: Request) -> None:
        """Show what goes there, and for how much."""
        pickup, drop = _place(request, "pickup"), _place(request, "drop[0]")
        if trip := self._trips.current():
            request.redirect(f"/go/trip/{trip.id}")
            return
        if pickup is None or drop is None:
            request.redirect("/go/home")
            return
        facts = {
            "skeletons": self._habits.skeletons,
            "drawsTwice": self._habits.draws_twice,
            "preselected": self._habits.preselected,
            "confirms": self._habits.confirms,
            "buttonWorks": self._habits.button_works,
            "payments": self._habits.payments if self._door.knows(request) else [],
            "promo": self._habits.promo,
        }
        text = Html(json.dumps(facts).replace("<", r"\u003c"))
        body = render("products", pickup=pickup.label, drop=drop.label, facts=text)
        self.show(request, "Choose a ride", body, "products.js")

    def activity(self, request: Request) -> None:
        """List the trips there are, the newest first."""
        rows = join(self._trip("activity.row", trip) for trip in self._trips.all())
        body = render("activity", rows=rows or render("activity.none"))
        self.show(request, "Activity", body)

    def trip(self, request: Request, trip_id: str) -> None:
        """Show one trip."""
        if trip := self._trips.find(trip_id):
            self.show(request, "Your trip", self._trip("trip", trip), "trip.js")
        else:
            request.redirect("/go/home")

    @staticmethod
    def _trip(template: str, trip: Trip) -> Html:
        wish = trip.wish
        return render(
            template,
            id=trip.id,
            product=wish.product.name,
            pickup=wish.pickup.label,
            drop=wish.drop.label,
            fare=trip.fare,
            payment=wish.payment,
            at=trip.asked_at.isoformat(timespec="milliseconds"),
            asked=f"{trip.asked_at:%d %b %H:%M} UTC",
            when=wish.pickup_at or "now",
            status=trip.status,
            words=WORDS[trip.status],
        )

    def show(self, request: Request, title: str, body: Html, script: str = "") -> None:
        """Answer with *body* as a page of the app."""
        around = Around(self._habits, self._door.knows(request))
        show(request, title, body, around, script)

    def not_found(self, request: Request) -> None:
        """Lead home from where there is nothing."""
        request.redirect("/go/home")


def _place(request: Request, name: str) -> Place | None:
    try:
        return Place.of(json.loads(request.query.get(name, "")))
    except ValueError:
        return None
