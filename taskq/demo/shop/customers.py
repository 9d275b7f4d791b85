"""Customers: who may log in, how a browser proves that it did, and the cart that waits for them."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from taskq.demo.shop.cart import Cart
from taskq.demo.shop.catalog import Catalog
from taskq.demo.web import Request

COOKIE = "_secure_customer_sig"
ONE_YEAR = 365 * 24 * 3600
# A page opened beside another one still sends what the other one's answer replaced.
GRACE_SECONDS = 10.0


@dataclass
class Customer:
    """One customer, in whatever browser; the cart goes with them."""

    email: str
    password: str
    cart: Cart


class Customers:
    """All customers, and the signatures by which their browsers are known."""

    def __init__(self, catalog: Catalog, passwords: Mapping[str, str]) -> None:
        """Know the customers of *passwords*, by their e-mail."""
        self._known = {
            email.lower(): Customer(email, password, Cart(catalog))
            for email, password in passwords.items()
        }
        self._lock = threading.Lock()
        # Whose each signature is, and until when; the newest of a browser has no end.
        self._signatures: dict[str, tuple[Customer, float | None]] = {}

    def of(self, request: Request) -> Customer | None:
        """Recognize the customer by the signature their browser sent."""
        with self._lock:
            customer, until = self._signatures.get(request.cookie(COOKIE) or "", (None, None))
        is_over = until is not None and until < time.monotonic()
        return None if is_over else customer

    def log_in(self, request: Request, email: str, password: str) -> Customer | None:
        """Recognize the customer by their password, and sign their browser."""
        customer = self._known.get(email.strip().lower())
        if customer is None or not hmac.compare_digest(customer.password, password):
            return None
        self._sign(request, customer)
        return customer

    def rotate(self, request: Request) -> None:
        """Sign the customer's browser anew; the old signature ends soon."""
        if customer := self.of(request):
            with self._lock:
                old, now = request.cookie(COOKIE) or "", time.monotonic()
                _, until = self._signatures[old]
                self._signatures[old] = (customer, until or now + GRACE_SECONDS)
            self._sign(request, customer)

    def log_out(self, request: Request) -> None:
        """Know the browser no longer by what it sends now."""
        with self._lock:
            self._signatures.pop(request.cookie(COOKIE) or "", None)
        request.set_cookie(f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")

    def _sign(self, request: Request, customer: Customer) -> None:
        signature = secrets.token_hex(32)
        with self._lock:
            self._signatures[signature] = (customer, None)
        request.set_cookie(
            f"{COOKIE}={signature}; Path=/; Max-Age={ONE_YEAR}; HttpOnly; SameSite=Lax"
        )
