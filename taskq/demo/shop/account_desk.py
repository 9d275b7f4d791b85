"""The account's own paths: logging in, being known, logging out."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus

from taskq.demo.shop.backroom import Backroom
from taskq.demo.shop.pages import Html, render
from taskq.demo.web import Request, Route


def local(path: object) -> str:
    """Give *path* if it is one of this shop's, else the account's."""
    text = str(path)
    return text if re.match(r"/[^/\\]", text) else "/account"


class AccountDesk:
    """Lets customers in and out."""

    def __init__(self, backroom: Backroom, show: Callable[..., None]) -> None:
        """Serve the visitors, in pages that *show* draws."""
        self._sessions = backroom.sessions
        self._show = show

    def routes(self) -> list[Route]:
        """List the paths answered here."""
        return [
            ("GET", "/account/login", self.ask),
            ("POST", "/account/login", self.log_in),
            ("GET", "/account/logout", self.log_out),
            ("GET", "/account", self.show),
        ]

    def ask(self, request: Request) -> None:
        """Ask who it is."""
        if self._sessions.of(request).customer:
            request.redirect("/account")
        else:
            self._ask(request, request.query.get("checkout_url", ""), Html(""))

    def _ask(self, request: Request, checkout_url: str, error: Html) -> None:
        page = render("account.login", checkout_url=checkout_url, error=error)
        self._show(request, "Account", page, HTTPStatus.OK)

    def log_in(self, request: Request) -> None:
        """Let in who knows the password, with what they put in the cart before."""
        posted = request.fields()
        wanted = posted.get("checkout_url", "")
        email, password = posted.get("customer[email]", ""), posted.get("customer[password]", "")
        if self._sessions.log_in(request, str(email), str(password)):
            request.redirect(local(wanted))
        else:
            self._ask(request, str(wanted), render("account.error"))

    def log_out(self, request: Request) -> None:
        """Forget the customer in this browser."""
        self._sessions.customers.log_out(request)
        request.redirect("/")

    def show(self, request: Request) -> None:
        """Say who it is."""
        if customer := self._sessions.of(request).customer:
            page = render("account", email=customer.email)
            self._show(request, "Account", page, HTTPStatus.OK)
        else:
            request.redirect("/account/login")
