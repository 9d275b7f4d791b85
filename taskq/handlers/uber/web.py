"""Rides booked in the web app, with a saved login, as a careful person would."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskq.browser import aside, evidence, guard
from taskq.browser.patience import or_fail
from taskq.errors import StoreFailed, TaskFailed
from taskq.handlers.uber import (
    links,
    nuisances,
    options,
    products,
    ride,
    search,
    session,
    trips,
)
from taskq.handlers.uber.backend import Quote
from taskq.handlers.uber.fares import Fare
from taskq.handlers.uber.request import Request
from taskq.handlers.uber.ride import UberRide
from taskq.plan import Step
from taskq.run import Run

if TYPE_CHECKING:
    from taskq.handlers.uber.places import Place

_LOOK_SECONDS = 20.0


class WebRides:
    """The backend that needs no more than what everybody has who takes rides."""

    def __init__(self, run: Run[UberRide]) -> None:
        """Know where the app is asked for the ride of *run*."""
        self._run = run
        self._ride = run.params
        self._base = run.settings.uber_url
        self._wanted: dict[str, Place] = dict(
            zip(links.ENDS, (run.params.pickup, run.params.drop), strict=True)
        )
        self._url = links.web(self._base, *self._wanted.values())
        self._link = links.app(self._base, *self._wanted.values())
        self._known: dict[str, str] = {}

    async def open(self) -> None:
        """Open the ride in the app."""
        page = self._run.page
        await aside.put_aside(page, nuisances.ways_out(page))
        await self._go_to_ride()

    async def _go_to_ride(self) -> None:
        with or_fail("the app did not open in 30 s; nothing was booked", "Uber"):
            await self._run.page.goto(self._url, wait_until="domcontentloaded")

    async def authenticate(self) -> None:
        """See who we are, and what trips there are before ours."""
        page = self._run.page
        there = await session.check(self._run)
        if trip := links.trip_id(page.url):
            raise TaskFailed(f"a trip is under way already ({trip}); nothing was booked")
        self._known = await trips.listed(page, there)

    async def quote(self) -> Quote:
        """Choose places, product, seats, payment and time; what it comes to."""
        page, wanted = self._run.page, self._ride
        await guard.arm(page)
        await self._go_to_ride()
        await search.through(page, self._wanted)
        await options.choose_time(page, wanted.pickup_at)
        row = await products.choose(page, wanted.product)
        await options.choose_seats(page, wanted.seats)
        fare = wanted.limit.check(row.fare)
        payment = await options.choose_payment(page, wanted.payment)
        await evidence.picture(self._run, "ride-details", whole=False)
        return Quote(row.name, fare, payment, self._link)

    async def book(self, step: Step, quote: Quote) -> dict[str, Any]:
        """Look once more at what is requested, and request it."""
        run, page = self._run, self._run.page
        quote = await self._still(quote)
        ride.in_time(self._ride, run.task.created_at)
        await aside.leave_alone(page, nuisances.ways_out(page))
        facts = {
            "shop": urlsplit(self._base).netloc,
            "product": quote.product,
            "total": str(quote.fare),
            "from": self._wanted["pickup"].address,
            "to": self._wanted["drop[0]"].address,
            "known_trips": list(self._known),
            "act": "booking",
            "proof": "trip",
            "look": "in your Uber app",
        }
        request = Request(run, quote, self._known)
        trip = await request.send(step, **facts)
        await self._remember(trip, request.fare)
        said = await trips.became(run, run.settings.answer_seconds)
        if said is None:
            raise TaskFailed(f"the ride was requested, but no driver has accepted it: trip {trip}")
        await evidence.picture(run, "trip", whole=False)
        fare = str(request.fare)
        return self._result(trip, said, quote.product, fare) | {"payment": quote.payment}

    async def _still(self, quote: Quote) -> Quote:
        """See that it is still what was chosen, and can be requested; fares may change."""
        page = self._run.page
        search.check(page, self._wanted)
        row = await products.still_chosen(page, quote.product)
        fare = self._ride.limit.check(row.fare)
        payment = await options.choose_payment(page, self._ride.payment)
        await options.check_time(page, self._ride.pickup_at)
        button = products.request_button(page)
        with or_fail("the Request button cannot be pressed; nothing was booked"):
            await button.click(trial=True)
            await products.check_button(page, quote.product)
        return replace(quote, fare=fare, payment=payment)

    async def _remember(self, trip: str, fare: Fare) -> None:
        """Keep the trip at once: whoever looks for it later need not search."""
        run = self._run
        with suppress(OSError, StoreFailed):  # it is booked all the same
            run.folder.write_verify({"proof": trip, "fare": str(fare)})
            await run.step(f"Ride requested: trip {trip}")

    async def find(self) -> dict[str, Any] | None:
        """Look for a trip that is new since the intent, and is the ride it speaks of."""
        run, page, intent = self._run, self._run.page, self._run.task.intent or {}
        await page.goto(links.home(self._base), wait_until="domcontentloaded")
        there = await session.check(run)
        here = links.trip_id(page.url)
        found = {here: page.url} if here else {}
        found |= await trips.listed(page, there)
        verify = run.folder.read_verify() or {}
        kept = verify.get("proof")
        ours = []
        for trip, url in found.items():
            if trip not in intent.get("known_trips", ()) and kept in {None, trip}:
                await page.goto(url)
                if trip == kept or await trips.is_ours(page, intent):
                    ours.append((trip, url))
        if len(ours) != 1:  # of several nobody can say which
            return None
        trip, url = ours[0]
        await page.goto(url)
        said = await trips.became(run, _LOOK_SECONDS)
        if said is None:
            return None
        fare = str(verify.get("fare") or intent["total"])
        return self._result(trip, said, str(intent["product"]), fare)

    def _result(self, trip: str, said: str, product: str, fare: str) -> dict[str, Any]:
        known = {"order": trip, "trip": trip, "product": product, "fare": fare}
        return {**known, "status": said, "link": self._link}
