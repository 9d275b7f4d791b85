"""The ride app's site, and the one place where rides are booked."""

from __future__ import annotations

import threading
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

from taskq.demo import assets
from taskq.demo.ledger import Ledger
from taskq.demo.ride.app import App
from taskq.demo.ride.door import Door
from taskq.demo.ride.graph import Graph
from taskq.demo.ride.habits import DEMO, Habits
from taskq.demo.ride.pages import render
from taskq.demo.ride.riders import CODE, Riders
from taskq.demo.ride.trips import Trip, Trips, Wish
from taskq.demo.web import Request, Router, Server

DECLINED = "Payment was declined"
HANG_SECONDS = 60.0


class RideApp:
    """A ride app on loopback, open from the moment it is made until close()."""

    code = CODE

    def __init__(self, ledger: Path, port: int = 0, habits: Habits = DEMO) -> None:
        """Open on *port*, or on a free one if it is 0, and write requests into *ledger*.

        *habits* say how it treats its riders.
        """
        self.habits = habits
        self._server, self._ledger = Server(port), Ledger(ledger)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        # Another host name, so another site.
        self._bank_url = f"http://localhost:{self._server.server_port}"
        self._riders = Riders()
        self._trips = Trips(self._ledger, habits)
        self._closing = threading.Event()
        door = Door(self._riders, habits)
        app = App(self._trips, habits, door)
        graph = Graph(self._trips, habits, door, self._take)
        static = assets.server(Path(__file__).parent / "static")
        routes = [
            ("GET", r"/static/(?P<name>[\w.-]+)", static),
            ("GET", r"/(?P<name>favicon\.svg)", static),
            ("GET", "/bank", self._ask_owner),
            ("POST", "/bank", self._hear_owner),
            *(route for desk in (door, app, graph) for route in desk.routes()),
        ]
        self._server.start(door.before(Router(routes, app.not_found)))

    def __enter__(self) -> Self:
        """Stay open for the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close at its end."""
        self.close()

    def close(self) -> None:
        """Close the site and the ledger; closing twice does no harm."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._server.close()
        self._ledger.close()

    @property
    def home_url(self) -> str:
        """Give the address of the page that only those see who are logged in."""
        return f"{self.url}/go/home"

    def signed_in(self) -> dict[str, Any]:
        """Log somebody in, and give what their browser has then, as its storage state."""
        return self._riders.state("127.0.0.1")

    def trips(self) -> list[Trip]:
        """List the trips there are, the newest first."""
        return self._trips.all()

    def _take(self, request: Request, wish: Wish) -> None:
        """Take one request from the page."""
        if self.habits.answers == "decline":
            self._trips.note(wish, "declined")
            request.answer_json({"errorKey": "invalid_payment", "message": DECLINED})
        elif self.habits.answers == "error before":
            raise RuntimeError("before the booking")
        else:
            self.answer(request, self._trips.book(wish))

    def _ask_owner(self, request: Request) -> None:
        """Ask whoever owns the card, as a bank does on its own page."""
        request.answer(HTTPStatus.OK, render("bank"))

    def _hear_owner(self, request: Request) -> None:
        self._ledger.write({"result": "confirmed at the bank"})
        request.answer(HTTPStatus.OK, render("bank.heard"))

    def answer(self, request: Request, trip: Trip) -> None:
        """Tell the page of its trip, as far as the habits let it; the ledger has its line.

        A subclass may answer something else, raise, or wait.
        """
        self._closing.wait(self.habits.answers_in)
        match self.habits.answers:
            case "error after":
                raise RuntimeError("after the booking")
            case "hang up after":
                raise ConnectionError("after the booking")
            case "hang after":
                self._closing.wait(HANG_SECONDS)
            case "unknown page":
                request.answer_json({"redirect": "/static/elsewhere.svg"})
            case "bank":
                request.answer_json({"redirect": f"{self._bank_url}/bank"})
            case _:
                request.answer_json({"uuid": trip.id})
