"""The checkout's own paths: opening one, quoting, paying, saying thank you."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

from taskq.demo.shop import checkout_page, long_names, till
from taskq.demo.shop.backroom import Backroom
from taskq.demo.shop.buyer import Buyer
from taskq.demo.shop.cart import Cart, CartError
from taskq.demo.shop.checkout import Checkout
from taskq.demo.shop.sessions import Session
from taskq.demo.web import Answer, Request, Route

# What a shop's carriers take to name their rates.
RATES_SECONDS = 0.2


class CheckoutDesk:
    """Leads a visitor through a checkout; paying itself is the shop's."""

    def __init__(
        self,
        backroom: Backroom,
        *,
        pay: Callable[[Request, Checkout], None],
        not_found: Answer,
    ) -> None:
        """Serve the visitors; hand payments to *pay* and strangers to *not_found*."""
        self._catalog = backroom.catalog
        self._sessions = backroom.sessions
        self._habits = backroom.habits
        self._backroom = backroom
        self._pay = pay
        self._not_found = not_found

    def routes(self) -> list[Route]:
        """List the paths answered here."""
        return [
            ("GET", "/checkout", self.begin),
            ("POST", "/checkout", self.begin),
            ("GET", r"/cart/(?P<items>\d+:\d+(?:,\d+:\d+)*)", self.permalink),
            *self.own_routes(),
        ]

    def own_routes(self) -> list[Route]:
        """List the paths of a visitor's own checkouts."""
        one = r"/checkouts/cn/(?P<token>[\w-]+)"
        page = one + r"/[a-z]{2}(?:-[a-z]{2})?"
        return [
            ("GET", page, self._own(self.show)),
            ("GET", page + "/thank-you", self._own(self.thank)),
            ("POST", one + "/proposal", self._own(self.propose)),
            ("POST", one + "/payment", self._own(self._pay)),
        ]

    def _own(self, answer: Callable[[Request, Checkout], None]) -> Answer:
        """Let *answer* see only checkouts of the visitor's own session."""

        def owning(request: Request, token: str) -> None:
            session = self._sessions.known(request)
            checkout = session.checkouts.get(token) if session else None
            if checkout is None:
                self._not_found(request)
            else:
                self._backroom.reprice(checkout)
                answer(request, checkout)

        return owning

    def begin(self, request: Request) -> None:
        """Lead from the cart to its checkout."""
        with self._sessions.lock:
            session = self._sessions.of(request)
            if not session.cart.lines:
                request.redirect("/cart")
                return
            request.redirect(self._checkout_of_cart(session).path)

    def _checkout_of_cart(self, session: Session) -> Checkout:
        """Go on with the cart's unpaid checkout, or open one."""
        for checkout in session.checkouts.values():
            if checkout.cart is session.cart and checkout.receipt is None:
                checkout.lines = session.cart.lines
                return checkout
        buyer = Buyer(email=session.customer.email) if session.customer else Buyer()
        checkout = Checkout(session.cart.lines, session.cart, buyer, habits=self._habits)
        session.checkouts[checkout.token] = checkout
        return checkout

    def permalink(self, request: Request, items: str) -> None:
        """Open a checkout with just these items; the cart stays as it is."""
        basket = Cart(self._catalog)
        try:
            for item in items.split(","):
                variant, quantity = item.split(":")
                basket.add(int(variant), int(quantity))
        except CartError:
            request.redirect("/cart")
            return
        buyer = long_names.read(request.query)
        checkout = Checkout(basket.lines, buyer=buyer, habits=self._habits)
        with self._sessions.lock:
            self._sessions.of(request).checkouts[checkout.token] = checkout
        request.redirect(checkout.path)

    def show(self, request: Request, checkout: Checkout) -> None:
        """Show the checkout, or where it led if it is paid."""
        if checkout.receipt:
            request.redirect(checkout.thank_you_path)
        elif self._catalog.missing(checkout.lines):
            self.show_what_is_gone(request, checkout)
        else:
            self._backroom.renew_card_session(checkout)
            request.answer(
                HTTPStatus.OK, checkout_page.form(checkout, self._backroom.vault.build_url)
            )

    def show_what_is_gone(self, request: Request, checkout: Checkout) -> None:
        """Name what is sold out; there is nothing to pay."""
        if missing := self._catalog.missing(checkout.lines):
            message = till.sold_out(missing.title)
            request.answer(HTTPStatus.OK, checkout_page.stock_problem(checkout, message))
        else:
            request.redirect(checkout.path)

    def thank(self, request: Request, checkout: Checkout) -> None:
        """Show the receipt; there is none before the payment."""
        if checkout.receipt:
            page = checkout_page.thank_you(checkout, checkout.receipt)
            request.answer(HTTPStatus.OK, page)
        else:
            request.redirect(checkout.path)

    def propose(self, request: Request, checkout: Checkout) -> None:
        """Quote for what the form says so far."""
        if checkout.receipt is None and not checkout.paying.locked():
            take_details(request, checkout)
        time.sleep(RATES_SECONDS)
        request.answer_json(checkout_page.quote(checkout))


def take_details(request: Request, checkout: Checkout) -> None:
    """Write into *checkout* what the form posted; of the three steps the last posts no details."""
    posted = request.fields()
    if checkout.habits.steps == "three":
        return
    form = posted.get("buyer")
    checkout.buyer = Buyer.of(form if isinstance(form, dict) else {})
    shipping = posted.get("shipping")
    checkout.shipping = str(shipping) if shipping else None
