"""Booking one Uber ride, in the documented steps."""

from __future__ import annotations

from taskq.handlers.uber import links, ride
from taskq.handlers.uber.backend import RideBackend
from taskq.handlers.uber.ride import UberRide, identity, words
from taskq.handlers.uber.web import WebRides
from taskq.plan import STARTED_STEP, Step
from taskq.registry import Handler, Result
from taskq.run import Run

GENERATE_URL = Step("Generating Uber ride URL", usually=0.2)
OPEN_APP = Step("Opening Uber app", usually=1.5)
AUTHENTICATE = Step("Authenticating with Uber", usually=2.0)
CONFIRM_DETAILS = Step("Confirming ride details", usually=4.0)
BOOK_RIDE = Step("Booking ride", usually=10.0, once=True)
RIDE_BOOKED = Step("Ride booked successfully", 0, otherwise="Payment declined or booking failed")


async def book_ride(run: Run[UberRide]) -> Result:
    """Book one ride as a careful person would; at most one, whatever happens, and never late."""
    ride.in_time(run.params, run.task.created_at)

    await run.step(GENERATE_URL)
    backend: RideBackend = WebRides(run)

    await run.step(OPEN_APP)
    await backend.open()

    await run.step(AUTHENTICATE)
    await backend.authenticate()

    await run.step(CONFIRM_DETAILS)
    quote = await backend.quote()
    if run.params.dry_run:
        said = f"Dry run: nothing was booked, {quote}"
        return {"dry_run": True, "closing": said, "link": quote.link}

    return await backend.book(BOOK_RIDE, quote)


async def find_ride(run: Run[UberRide]) -> Result:
    """Look for the ride that may have been booked."""
    backend: RideBackend = WebRides(run)
    return await backend.find()


UBER = Handler(
    task_type="uber_ride",
    command="uber",
    address="/uber/ride",
    params=UberRide,
    plan=(
        STARTED_STEP,
        GENERATE_URL,
        OPEN_APP,
        AUTHENTICATE,
        CONFIRM_DETAILS,
        BOOK_RIDE,
        RIDE_BOOKED,
    ),
    run=book_ride,
    verify=find_ride,
    identity=identity,
    words=words,
    needs=frozenset({"page"}),
    login_url=lambda settings: links.home(settings.uber_url),
)
