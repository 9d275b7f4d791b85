"""A cart: so many of each variant, and Shopify's rules for adding to it."""

from __future__ import annotations

import secrets
from http import HTTPStatus

from taskq.demo.shop.catalog import Catalog, Line


class CartError(Exception):
    """The cart does not take this; the text says why, as the buyer reads it."""

    def __init__(self, description: str, status: int = HTTPStatus.UNPROCESSABLE_ENTITY) -> None:
        """Refuse with *status* because of *description*."""
        super().__init__(description)
        self.description = description
        self.status = status


class Cart:
    """What one visitor means to buy."""

    def __init__(self, catalog: Catalog) -> None:
        """Start with nothing in it."""
        self._catalog = catalog
        self._quantities: dict[int, int] = {}
        self.token = secrets.token_urlsafe(18)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The cart's lines, in the order they were added."""
        found = (self._catalog.line(*each) for each in self._quantities.items())
        return tuple(line for line in found if line)

    def add(self, variant_id: int, quantity: int) -> Line:
        """Put *quantity* more of a variant in, and give the line as it is now."""
        wanted = self._catalog.line(variant_id, quantity)
        if wanted is None:
            raise CartError("Cannot find variant", HTTPStatus.NOT_FOUND)
        if not self._catalog.available(wanted.variant):
            raise CartError(f"The product '{wanted.title}' is already sold out.")
        held = self._quantities.get(variant_id, 0)
        left = self._catalog.left(wanted.variant)
        fits = quantity if left is None else min(quantity, left - held)
        if fits <= 0:
            raise CartError("The maximum quantity of this item is already in your cart.")
        self._quantities[variant_id] = held + fits
        if fits < quantity:
            raise CartError(f"Only {fits} items were added to your cart.")
        return self._line(variant_id)

    def change(self, variant_id: int, quantity: int) -> None:
        """Make it *quantity* of a variant; 0 removes it."""
        before = dict(self._quantities)
        if quantity <= 0:
            self._quantities.pop(variant_id, None)
            return
        self._quantities[variant_id] = 0
        try:
            self.add(variant_id, quantity)
        except CartError:
            if not self._quantities[variant_id]:
                self._quantities = before
            raise

    def clear(self) -> None:
        """Take everything out."""
        self._quantities.clear()

    def _line(self, variant_id: int) -> Line:
        return next(line for line in self.lines if line.variant.id == variant_id)
