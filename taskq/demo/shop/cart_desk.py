"""The cart's own paths: Shopify's Ajax API, the forms without script, and permalinks' lines."""

from __future__ import annotations

import re
from typing import Any

from taskq.demo.shop.cart import Cart, CartError
from taskq.demo.shop.catalog import Line
from taskq.demo.shop.sessions import Sessions
from taskq.demo.shop.shopify_json import cart_js, line_js
from taskq.demo.web import Answer, Request, Route


def number(value: object, otherwise: int) -> int:
    """Read a whole number as carts receive them: 2, "2", or a key like "44:a1"."""
    match = re.match(r"\s*(\d+)", str(value))
    return int(match[1]) if match else otherwise


class CartDesk:
    """Puts things into carts and takes them out."""

    def __init__(self, sessions: Sessions) -> None:
        """Serve the carts of *sessions*."""
        self._sessions = sessions

    def routes(self) -> list[Route]:
        """List the paths answered here."""
        return [
            ("GET", r"/cart\.js(?:on)?", self.show),
            ("POST", r"/cart/add\.js(?:on)?", self._refusing(self.add_js)),
            ("POST", r"/cart/change\.js(?:on)?", self._refusing(self.change)),
            ("POST", r"/cart/update\.js(?:on)?", self._refusing(self.update)),
            ("POST", r"/cart/clear\.js(?:on)?", self.clear),
            ("GET", r"/cart/clear\.js(?:on)?", self.clear),
            ("POST", "/cart/add", self.add),
            ("POST", "/cart", self.submit),
        ]

    def _refusing(self, answer: Answer) -> Answer:
        """Let *answer* refuse by CartError."""

        def refusing(request: Request) -> None:
            try:
                with self._sessions.lock:
                    answer(request)
            except CartError as refusal:
                body = {
                    "status": refusal.status,
                    "message": "Cart Error",
                    "description": refusal.description,
                }
                request.answer_json(body, refusal.status)

        return refusing

    def _cart(self, request: Request) -> Cart:
        return self._sessions.of(request).cart

    def show(self, request: Request) -> None:
        """Give the cart as data."""
        with self._sessions.lock:
            request.answer_json(cart_js(self._cart(request)))

    def add_js(self, request: Request) -> None:
        """Add one item, or a list of them, and give the lines as they are now."""
        fields, cart = request.fields(), self._cart(request)
        items = fields.get("items")
        if isinstance(items, list):
            lines = [self._add(cart, item) for item in items if isinstance(item, dict)]
            request.answer_json({"items": [line_js(line) for line in lines]})
        else:
            request.answer_json(line_js(self._add(cart, fields)))

    def _add(self, cart: Cart, item: dict[str, Any]) -> Line:
        return cart.add(number(item.get("id"), 0), max(1, number(item.get("quantity"), 1)))

    def change(self, request: Request) -> None:
        """Set the quantity of one line, named by its id or by its place in the cart."""
        fields, cart = request.fields(), self._cart(request)
        place, wanted = number(fields.get("line"), 0), number(fields.get("id"), 0)
        if 0 < place <= len(cart.lines):
            wanted = cart.lines[place - 1].variant.id
        cart.change(wanted, number(fields.get("quantity"), 1))
        request.answer_json(cart_js(cart))

    def update(self, request: Request) -> None:
        """Set the quantities of several lines."""
        cart = self._cart(request)
        updates = request.fields().get("updates")
        if isinstance(updates, list):
            self._set_all(cart, updates)
        elif isinstance(updates, dict):
            for key, quantity in updates.items():
                cart.change(number(key, 0), number(quantity, 0))
        request.answer_json(cart_js(cart))

    def clear(self, request: Request) -> None:
        """Empty the cart."""
        with self._sessions.lock:
            cart = self._cart(request)
            cart.clear()
            request.answer_json(cart_js(cart))

    def add(self, request: Request) -> None:
        """Add from a form without script, and show the cart."""
        try:
            with self._sessions.lock:
                self._add(self._cart(request), request.fields())
        except CartError as refusal:
            request.answer(refusal.status, refusal.description, "text/plain; charset=utf-8")
        else:
            request.redirect("/cart")

    def submit(self, request: Request) -> None:
        """Take the cart page's form: on to the checkout, or new quantities."""
        if "checkout" in request.fields():
            request.redirect("/checkout")
            return
        quantities = [value for name, value in request.pairs() if name == "updates[]"]
        try:
            with self._sessions.lock:
                self._set_all(self._cart(request), quantities)
        except CartError as refusal:
            request.answer(refusal.status, refusal.description, "text/plain; charset=utf-8")
        else:
            request.redirect("/cart")

    @staticmethod
    def _set_all(cart: Cart, quantities: list[Any]) -> None:
        for line, quantity in zip(cart.lines, quantities, strict=False):
            cart.change(line.variant.id, number(quantity, 0))
