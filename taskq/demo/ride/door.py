"""The door: who are you, and are you human?"""

from __future__ import annotations

import re
from urllib.parse import quote

from taskq.demo.ride.habits import Habits
from taskq.demo.ride.pages import Around, Html, render, show
from taskq.demo.ride.riders import Riders
from taskq.demo.web import Answer, Request, Route

APP = r"/|/looking|/trips.*|/go/.*"
LOGIN = "/login"


def local(path: str) -> str:
    """Give *path* if it is one of this site's, else the app's home."""
    return path if re.match(r"/[^/\\]", path) else "/go/home"


class Door:
    """Stands before every page of the app."""

    def __init__(self, riders: Riders, habits: Habits) -> None:
        """Let *riders* in as *habits* say."""
        self._riders = riders
        self._habits = habits

    def before(self, answer: Answer) -> Answer:
        """Let only those come to *answer* whom nothing holds up."""

        def guarded(request: Request) -> None:
            is_page = request.method == "GET" and re.fullmatch(APP, request.path)
            if is_page and self._habits.human_check:
                body = render("door.human")
                show(request, "One moment", body, Around(self._habits, is_in=False))
            elif is_page and not self.knows(request) and self._habits.session != "signed out":
                request.redirect(f"{LOGIN}?next_url={quote(request.target, safe='')}")
            else:
                answer(request)

        return guarded

    def knows(self, request: Request) -> bool:
        """Whether whoever asks is logged in."""
        return self._habits.session == "good" and self._riders.knows(request)

    def routes(self) -> list[Route]:
        """List the paths answered here."""
        return [
            ("GET", LOGIN, self.ask),
            ("POST", LOGIN, self.take),
            ("GET", "/logout", self.log_out),
        ]

    def ask(self, request: Request) -> None:
        """Ask for a phone number or an e-mail, then for the code sent there."""
        self._ask(request, request.query.get("next_url", ""), Html(""))

    def _ask(self, request: Request, next_url: str, error: Html) -> None:
        body = render("door", next_url=next_url, error=error)
        show(request, "Log in", body, Around(self._habits, is_in=False), "login.js")

    def take(self, request: Request) -> None:
        """Let in who knows the code."""
        posted = request.fields()
        wanted = str(posted.get("next_url", ""))
        if self._riders.log_in(request, str(posted.get("code", ""))):
            request.redirect(local(wanted))
        else:
            self._ask(request, wanted, render("door.wrong"))

    def log_out(self, request: Request) -> None:
        """Forget who it is."""
        self._riders.log_out(request)
        request.redirect(LOGIN)
