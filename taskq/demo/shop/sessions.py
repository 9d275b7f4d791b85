"""Visitors: each has a cookie, a cart and the checkouts they have opened."""

from __future__ import annotations

import secrets
import threading
from weakref import WeakKeyDictionary

from taskq.demo.shop.cart import Cart
from taskq.demo.shop.catalog import Catalog
from taskq.demo.shop.checkout import Checkout
from taskq.demo.shop.web import Request

COOKIE = "_shopify_s"
TWO_WEEKS = 14 * 24 * 3600


class Session:
    """One visitor."""

    def __init__(self, catalog: Catalog) -> None:
        """Start with an empty cart."""
        self.id = secrets.token_urlsafe(24)
        self.cart = Cart(catalog)
        self.checkouts: dict[str, Checkout] = {}
        self.is_human = False
        # Where a challenge interrupted them.
        self.wanted = "/"
        self.came_to_queue: float | None = None


class Sessions:
    """All visitors. Hold the lock while touching a session's cart or checkouts."""

    def __init__(self, catalog: Catalog) -> None:
        """Know nobody yet."""
        self.lock = threading.RLock()
        self._catalog = catalog
        self._known: dict[str, Session] = {}
        # Who is asking for the first time: their cookie is in no request yet.
        self._new: WeakKeyDictionary[Request, Session] = WeakKeyDictionary()

    def known(self, request: Request) -> Session | None:
        """Recognize the visitor by the cookie."""
        return self._known.get(request.cookie(COOKIE) or "") or self._new.get(request)

    def of(self, request: Request) -> Session:
        """Recognize the visitor, or welcome a new one and hand out a cookie."""
        if session := self.known(request):
            return session
        session = Session(self._catalog)
        with self.lock:
            self._known[session.id] = self._new[request] = session
        request.set_cookie(
            f"{COOKIE}={session.id}; Path=/; Max-Age={TWO_WEEKS}; HttpOnly; SameSite=Lax"
        )
        return session
