"""The doorway: what a visitor may have to pass, or wait for, before a room answers."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from urllib.parse import quote

from taskq.demo.shop.backroom import Backroom
from taskq.demo.shop.goods import BRAND
from taskq.demo.shop.pages import Html, render
from taskq.demo.web import Answer, Request, Route

PLACES = {
    "product": r"(?:/collections/[\w-]+)?/products/[\w-]+",
    "checkout": r"/checkout|/cart/\d+:.*|(?:/\d+)?/checkouts/.*",
}
# By which a checkout is entered.
ENTRIES = r"/checkout|/cart/\d+:.*"
# How often the waiting line's page asks whether it is its turn.
POLL_SECONDS = 0.5


class Doorway:
    """Stands before all rooms but the static files."""

    def __init__(self, backroom: Backroom) -> None:
        """Treat visitors as the shop's habits say."""
        self._sessions = backroom.sessions
        self._habits = backroom.habits

    def before(self, answer: Answer) -> Answer:
        """Let only those come to *answer* whom nothing holds up."""

        def guarded(request: Request) -> None:
            if request.path.startswith(("/cdn/", "/favicon")):
                answer(request)
                return
            time.sleep(self._habits.answers_in)
            if _is_page(request):
                self._sessions.customers.rotate(request)
            if elsewhere := self._instead_of(request):
                request.redirect(elsewhere)
            else:
                answer(request)

        return guarded

    def routes(self) -> list[Route]:
        """List the paths answered here."""
        return [
            ("GET", "/password", self.ask_password),
            ("POST", "/password", self.refuse_password),
            ("GET", "/challenge", self.challenge),
            ("POST", "/challenge", self.take_challenge),
            ("GET", "/throttle/queue", self.queue),
            ("POST", "/queue/poll", self.poll),
        ]

    def _instead_of(self, request: Request) -> str | None:
        """Say where the visitor must go first, if anywhere."""
        if self._habits.password:
            return None if request.path == "/password" else "/password"
        place = PLACES.get(self._habits.challenge)
        if place and re.fullmatch(place, request.path):
            session = self._sessions.of(request)
            if not session.is_human:
                session.wanted = request.target
                return "/challenge"
        is_entry = self._habits.account_required and re.fullmatch(ENTRIES, request.path)
        if is_entry and not self._sessions.of(request).customer:
            return f"/account/login?checkout_url={quote(request.target)}"
        if request.path == "/checkout" and self._left_to_wait(request) > 0:
            return "/throttle/queue"
        return None

    def _left_to_wait(self, request: Request) -> float:
        session = self._sessions.of(request)
        if session.came_to_queue is None:
            session.came_to_queue = time.monotonic()
        return session.came_to_queue + self._habits.queue_seconds - time.monotonic()

    def ask_password(self, request: Request) -> None:
        """Show nothing but that the shop is closed."""
        if self._habits.password:
            _show(request, "Opening soon", render("doorway.password", error=""))
        else:
            request.redirect("/")

    def refuse_password(self, request: Request) -> None:
        """Let nobody in: the merchant has told nobody the password."""
        error = "Password incorrect, please try again."
        _show(request, "Opening soon", render("doorway.password", error=error))

    def challenge(self, request: Request) -> None:
        """Ask whether the visitor is human."""
        _show(request, "Verify that you are human", render("doorway.challenge"))

    def take_challenge(self, request: Request) -> None:
        """Believe whoever says so, and lead on to where they wanted to go."""
        session = self._sessions.of(request)
        if "human" in request.fields():
            session.is_human = True
            request.redirect(session.wanted)
        else:
            self.challenge(request)

    def queue(self, request: Request) -> None:
        """Show the waiting line; its page moves on by itself."""
        if self._left_to_wait(request) <= 0:
            request.redirect("/checkout")
            return
        request.set_cookie("_queue_replay_data=1; Path=/; SameSite=Lax")
        _show(request, "Waiting line", render("doorway.queue", poll=int(POLL_SECONDS * 1000)))

    def poll(self, request: Request) -> None:
        """Say how long the line still is."""
        left = max(0.0, self._left_to_wait(request))
        kind = "PollContinue" if left else "PollComplete"
        request.answer_json({"__typename": kind, "queueEtaSeconds": left})


def _is_page(request: Request) -> bool:
    """Tell what a visitor opens from what a page's script fetches."""
    is_fetched = re.search(r"\.js(on)?$", request.path) or "section_id" in request.query
    return request.method == "GET" and not is_fetched and request.path != "/account/logout"


def _show(request: Request, title: str, body: Html) -> None:
    request.answer(
        HTTPStatus.OK, render("doorway", title=f"{title} - {BRAND}", brand=BRAND, body=body)
    )
