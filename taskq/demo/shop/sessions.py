"""Visitors: each has a cookie, a cart and the checkouts they have opened."""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from weakref import WeakKeyDictionary

from taskq.demo.shop.cart import Cart, CartError
from taskq.demo.shop.catalog import Catalog
from taskq.demo.shop.checkout import Checkout
from taskq.demo.shop.customers import Customer, Customers
from taskq.demo.web import Request

COOKIE = "_shopify_s"
TWO_WEEKS = 14 * 24 * 3600


class Session:
    """One visitor."""

    def __init__(self, catalog: Catalog) -> None:
        """Start with an empty cart."""
        self.id = secrets.token_urlsafe(24)
        self._guest_cart = Cart(catalog)
        self.customer: Customer | None = None
        self.checkouts: dict[str, Checkout] = {}
        self.is_human = False
        # Where a challenge interrupted them.
        self.wanted = "/"
        self.came_to_queue: float | None = None

    @property
    def cart(self) -> Cart:
        """What they mean to buy: a customer's cart is the same in every browser."""
        return self.customer.cart if self.customer else self._guest_cart


class Sessions:
    """All visitors. Hold the lock while touching a session's cart or checkouts."""

    def __init__(self, catalog: Catalog, customers: Customers) -> None:
        """Know nobody yet but the *customers*, when they show who they are."""
        self.customers = customers
        self.lock = threading.RLock()
        self._catalog = catalog
        self._known: dict[str, Session] = {}
        # Who is asking for the first time: their cookie is in no request yet.
        self._new: WeakKeyDictionary[Request, Session] = WeakKeyDictionary()

    def known(self, request: Request) -> Session | None:
        """Recognize the visitor by the cookie, and the customer they may be by theirs."""
        session = self._known.get(request.cookie(COOKIE) or "") or self._new.get(request)
        if session:
            session.customer = self.customers.of(request)
        return session

    def of(self, request: Request) -> Session:
        """Recognize the visitor, or welcome a new one and hand out a cookie."""
        if session := self.known(request):
            return session
        session = Session(self._catalog)
        session.customer = self.customers.of(request)
        with self.lock:
            self._known[session.id] = self._new[request] = session
        request.set_cookie(
            f"{COOKIE}={session.id}; Path=/; Max-Age={TWO_WEEKS}; HttpOnly; SameSite=Lax"
        )
        return session

    def log_in(self, request: Request, email: str, password: str) -> bool:
        """Let a visitor be a customer, and put what they had chosen before into their cart."""
        with self.lock:
            session = self.of(request)
            chosen = session.cart
            customer = self.customers.log_in(request, email, password)
            if customer is None:
                return False
            if chosen is not customer.cart:
                for line in chosen.lines:
                    with suppress(CartError):
                        customer.cart.add(line.variant.id, line.quantity)
                chosen.clear()
        return True
