"""The checkout's own paths: opening one, quoting, paying, saying thank you."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

from taskq.demo.shop import checkout_page, till
from taskq.demo.shop.cart import Cart, CartError
from taskq.demo.shop.catalog import Catalog
from taskq.demo.shop.checkout import Buyer, Checkout
from taskq.demo.shop.sessions import Session, Sessions
from taskq.demo.shop.vault import Vault
from taskq.demo.shop.web import Answer, Request, Route

# What a shop's carriers take to name their rates.
RATES_SECONDS = 0.2

# What a permalink may fill in, and what the form calls it.
PREFILLED = {
    "checkout[email]": "email",
    "checkout[shipping_address][first_name]": "firstName",
    "checkout[shipping_address][last_name]": "lastName",
    "checkout[shipping_address][company]": "company",
    "checkout[shipping_address][address1]": "address1",
    "checkout[shipping_address][address2]": "address2",
    "checkout[shipping_address][city]": "city",
    "checkout[shipping_address][province]": "zone",
    "checkout[shipping_address][country]": "countryCode",
    "checkout[shipping_address][zip]": "postalCode",
    "checkout[shipping_address][phone]": "phone",
}


class CheckoutDesk:
    """Leads a visitor through a checkout; paying itself is the shop's."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        sessions: Sessions,
        vault: Vault,
        pay: Callable[[Request, Checkout], None],
        not_found: Answer,
    ) -> None:
        """Serve *sessions*; hand payments to *pay* and strangers to *not_found*."""
        self._catalog = catalog
        self._sessions = sessions
        self._vault = vault
        self._pay = pay
        self._not_found = not_found

    def routes(self) -> list[Route]:
        """List the paths answered here."""
        one = r"/checkouts/cn/(?P<token>[\w-]+)"
        page = one + r"/[a-z]{2}(?:-[a-z]{2})?"
        return [
            ("GET", "/checkout", self.begin),
            ("POST", "/checkout", self.begin),
            ("GET", r"/cart/(?P<items>\d+:\d+(?:,\d+:\d+)*)", self.permalink),
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

    @staticmethod
    def _checkout_of_cart(session: Session) -> Checkout:
        """Go on with the cart's unpaid checkout, or open one."""
        for checkout in session.checkouts.values():
            if checkout.cart is session.cart and checkout.receipt is None:
                checkout.lines = session.cart.lines
                return checkout
        checkout = Checkout(session.cart.lines, session.cart)
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
        form = {PREFILLED[k]: v for k, v in request.query.items() if k in PREFILLED}
        checkout = Checkout(basket.lines, buyer=Buyer.of(form))
        with self._sessions.lock:
            self._sessions.of(request).checkouts[checkout.token] = checkout
        request.redirect(checkout.path)

    def show(self, request: Request, checkout: Checkout) -> None:
        """Show the checkout, or where it led if it is paid."""
        if checkout.receipt:
            request.redirect(checkout.thank_you_path)
        elif missing := self._catalog.missing(checkout.lines):
            message = till.sold_out(missing.title)
            request.answer(HTTPStatus.OK, checkout_page.stock_problem(checkout, message))
        else:
            self.renew_card_session(checkout)
            request.answer(HTTPStatus.OK, checkout_page.form(checkout, self._vault.build_url))

    def renew_card_session(self, checkout: Checkout) -> None:
        """Forget the card that was typed; empty frames begin anew."""
        self._vault.forget(checkout.card_session)
        checkout.card_session = self._vault.open()

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
    """Write into *checkout* what the form posted."""
    posted = request.fields()
    form = posted.get("buyer")
    checkout.buyer = Buyer.of(form if isinstance(form, dict) else {})
    shipping = posted.get("shipping")
    checkout.shipping = str(shipping) if shipping else None
