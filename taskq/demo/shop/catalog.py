"""What the shop sells and how much of it is left."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Style = Literal["dropdown", "pills", "swatches", "buttons", "list"]

DEFAULT_TITLE = "Default Title"


@dataclass(frozen=True)
class Option:
    """One choice a product offers, and how the theme draws it."""

    name: str
    values: tuple[str, ...]
    style: Style = "pills"


@dataclass(frozen=True)
class Variant:
    """One buyable thing: a value for every option, a price."""

    id: int
    values: tuple[str, ...]
    price: int
    sku: str

    @property
    def title(self) -> str:
        """The variant's name: its values, side by side."""
        return " / ".join(self.values)


@dataclass(frozen=True)
class Product:
    """A page of the shop."""

    id: int
    handle: str
    title: str
    kind: str
    picture: str
    description: str
    options: tuple[Option, ...]
    variants: tuple[Variant, ...]
    hides_data: bool = False
    """Whether its page alone tells what there is: /products/<handle>.js does not."""

    @property
    def is_listed(self) -> bool:
        """Whether an older theme draws it: one list of whole variants."""
        return any(option.style == "list" for option in self.options)

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to choose."""
        return len(self.variants) == 1 and self.variants[0].title == DEFAULT_TITLE

    def value_id(self, option: Option, value: str) -> int:
        """Give the number by which the picker names *value*."""
        position = self.options.index(option) + 1
        return self.id * 100 + position * 10 + option.values.index(value)

    def variant_of(self, values: tuple[str, ...]) -> Variant | None:
        """Find the variant that has exactly *values*."""
        return next((each for each in self.variants if each.values == values), None)


@dataclass(frozen=True)
class Line:
    """So many of one variant."""

    product: Product
    variant: Variant
    quantity: int

    @property
    def title(self) -> str:
        """The line's name as carts and errors write it: Product - Variant."""
        if self.product.is_plain:
            return self.product.title
        return f"{self.product.title} - {self.variant.title}"

    @property
    def price(self) -> int:
        """What the line costs."""
        return self.variant.price * self.quantity


class Catalog:
    """The products, and the stock of those variants whose stock is counted."""

    def __init__(self, products: Iterable[Product], stock: dict[int, int]) -> None:
        """Sell *products*; a variant that is not in *stock* never runs out."""
        self._stock = dict(stock)
        self._lock = threading.Lock()
        self._shelve(products)

    def _shelve(self, products: Iterable[Product]) -> None:
        self.products = tuple(products)
        self._handles = {each.handle: each for each in self.products}
        self._variants = {v.id: (p, v) for p in self.products for v in p.variants}

    def find(self, handle: str) -> Product | None:
        """Find a product by its handle."""
        return self._handles.get(handle)

    def line(self, variant_id: int, quantity: int) -> Line | None:
        """Make a line of *quantity* of a variant; None if there is no such variant."""
        found = self._variants.get(variant_id)
        return Line(*found, quantity) if found else None

    def left(self, variant: Variant) -> int | None:
        """Count what is left of *variant*; None if nobody counts."""
        return self._stock.get(variant.id)

    def available(self, variant: Variant) -> bool:
        """Whether *variant* can be bought now."""
        return self.left(variant) != 0

    def missing(self, lines: Iterable[Line]) -> Line | None:
        """Name the first of *lines* that the stock cannot serve."""
        for line in lines:
            left = self.left(line.variant)
            if left is not None and left < line.quantity:
                return line
        return None

    def current(self, lines: Iterable[Line]) -> tuple[Line, ...]:
        """Write *lines* anew, at today's prices."""
        found = (self.line(each.variant.id, each.quantity) for each in lines)
        return tuple(line for line in found if line)

    def set_stock(self, variant_id: int, left: int) -> None:
        """Count *left* of a variant from now on."""
        with self._lock:
            _, variant = self._variants[variant_id]
            self._stock[variant.id] = left

    def set_price(self, variant_id: int, cents: int) -> None:
        """Sell a variant for *cents* from now on."""
        with self._lock:
            product, _ = self._variants[variant_id]
            variants = tuple(
                replace(each, price=cents) if each.id == variant_id else each
                for each in product.variants
            )
            self._shelve(
                replace(product, variants=variants) if each is product else each
                for each in self.products
            )

    def take(self, lines: Iterable[Line]) -> Line | None:
        """Take all *lines* out of stock, or none of them and name the first that is missing."""
        wanted = tuple(lines)
        with self._lock:
            if missing := self.missing(wanted):
                return missing
            for line in wanted:
                if line.variant.id in self._stock:
                    self._stock[line.variant.id] -= line.quantity
        return None

    def put_back(self, lines: Iterable[Line]) -> None:
        """Return *lines* to stock: the bank said no."""
        with self._lock:
            for line in lines:
                if line.variant.id in self._stock:
                    self._stock[line.variant.id] += line.quantity
