"""What a product page offers, and which variant of it is wanted. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taskq.clean import clean
from taskq.errors import TaskFailed
from taskq.handlers.shopify import sizes

_ONLY_ONE = ("Default Title",)


@dataclass(frozen=True)
class Variant:
    """One thing that can be put into the cart."""

    id: int
    values: tuple[str, ...]
    available: bool
    title: str

    @property
    def is_only_one(self) -> bool:
        """Whether the page draws nothing to choose by."""
        return self.values == _ONLY_ONE


@dataclass(frozen=True)
class Offer:
    """A product as the shop's own data describes it: the names of its options, its variants."""

    title: str
    options: tuple[str, ...]
    variants: tuple[Variant, ...]


def from_data(data: Mapping[str, Any]) -> Offer:
    """The offer in a product's JSON, in its shape of today or an older one.

    Raises:
        ValueError, KeyError, TypeError: it is no product.
    """
    named = [o["name"] if isinstance(o, dict) else o for o in data.get("options", ())]
    return Offer(
        clean(str(data["title"])),
        tuple(clean(str(name)) for name in named),
        tuple(_variant(variant) for variant in data["variants"]),
    )


def wanted(offer: Offer, size: str | None, options: Mapping[str, str]) -> Variant:
    """The variant meant by *options*, spelled as the shop does, and by *size*, or a size alike.

    What is not said must leave no choice: nobody guesses a colour.

    Raises:
        TaskFailed: there is none, it is sold out, or more must be said.
    """
    found = list(offer.variants)
    for name, value in options.items():
        place = _place(offer, name)
        found = [v for v in found if sizes.is_exactly(value, v.values[place])]
        if not found:
            raise TaskFailed(f"{name} {value} is not offered ({_values(offer, place)})")
    if size is not None:
        found = _of_size(offer, found, size)
    return _the_one(offer, found, size)


def _of_size(offer: Offer, variants: Sequence[Variant], size: str) -> list[Variant]:
    exact = [v for v in variants if any(sizes.is_exactly(size, value) for value in v.values)]
    found = exact or [v for v in variants if any(sizes.is_same(size, value) for value in v.values)]
    if not found:
        raise TaskFailed(f"size {size} is not offered ({_titles(offer.variants)})")
    spelled = {value for v in found for value in v.values if sizes.is_same(size, value)}
    if len(spelled) > 1 and not any(sizes.is_exactly(size, value) for value in spelled):
        raise TaskFailed(f"size {size} matches {' and '.join(sorted(spelled))}: say which")
    return found


def _the_one(offer: Offer, found: Sequence[Variant], size: str | None) -> Variant:
    if len(found) > 1 and len(offer.options) == 1:
        raise TaskFailed(f"this product comes in sizes, choose one: {_titles(offer.variants)}")
    if len(found) > 1:
        choices = [f"{name}: {', '.join(v)}" for name, v in _undecided(offer, found)]
        raise TaskFailed(f"more must be chosen (--option NAME=VALUE): {'; '.join(choices)}")
    if not found[0].available:
        left = _titles([v for v in offer.variants if v.available]) or "nothing else"
        named = f"size {size}" if size else found[0].title
        raise TaskFailed(f"{named} is sold out (there is: {left})")
    return found[0]


def _undecided(offer: Offer, found: Sequence[Variant]) -> list[tuple[str, list[str]]]:
    """The options that are still open, each with its values, and which of them cannot be had."""
    there = {place: _distinct(found, place) for place in range(len(offer.options))}
    had = [variant for variant in found if variant.available]
    return [
        (offer.options[place], [_told(value, place, had) for value in values])
        for place, values in there.items()
        if len(values) > 1
    ]


def _told(value: str, place: int, had: Sequence[Variant]) -> str:
    is_there = any(variant.values[place] == value for variant in had)
    return value if is_there else f"{value} (sold out)"


def _place(offer: Offer, name: str) -> int:
    for place, option in enumerate(offer.options):
        if option.casefold() == name.casefold():
            return place
    raise TaskFailed(f"there is no option {name} (there is: {', '.join(offer.options)})")


def _values(offer: Offer, place: int) -> str:
    return ", ".join(_distinct(offer.variants, place))


def _distinct(variants: Sequence[Variant], place: int) -> list[str]:
    return list(dict.fromkeys(variant.values[place] for variant in variants))


def _titles(variants: Sequence[Variant]) -> str:
    return ", ".join(v.title + ("" if v.available else " (sold out)") for v in variants)


def _variant(data: Mapping[str, Any]) -> Variant:
    listed = data.get("options") or [data.get(f"option{n}") for n in (1, 2, 3)]
    values = tuple(clean(str(value)) for value in listed if value is not None)
    title = clean(str(data["title"]))
    return Variant(int(data["id"]), values or (title,), bool(data.get("available", True)), title)
