"""What the recipe needs of whoever books rides: today the web app, with a saved login."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from taskq.handlers.uber.fares import Fare
from taskq.plan import Step


@dataclass(frozen=True)
class Quote:
    """A ride that can be requested now: in what, for how much, paid how."""

    product: str
    fare: Fare
    payment: str
    link: str
    """What opens the same ride in the app on a person's phone."""

    def __str__(self) -> str:
        return f"{self.product} for {self.fare}"


class RideBackend(Protocol):
    """One way to book the ride that a run is about."""

    async def open(self) -> None:
        """Go to where the ride is offered."""
        ...

    async def authenticate(self) -> None:
        """See that we are somebody, and remember which trips there are already.

        Raises:
            TaskFailed: we are not; the sentence says what to type.
        """
        ...

    async def quote(self) -> Quote:
        """Choose what was asked for, and see what it costs.

        Raises:
            TaskFailed: it is not offered, or not like that.
        """
        ...

    async def book(self, step: Step, quote: Quote) -> dict[str, Any]:
        """Request it once; the trip, when a driver has accepted it or it is scheduled.

        Raises:
            NotStarted: nothing left this machine.
            Declined: there will be no ride.
            TaskFailed: nobody knows; the trip is looked for.
        """
        ...

    async def find(self) -> dict[str, Any] | None:
        """Look, and only look, for the trip that an earlier `book` may have made; see there."""
        ...
