"""The product page: what is offered, and choosing a variant of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskq.clean import clean
from taskq.errors import TaskFailed
from taskq.handlers.shopify.patience import or_fail

if TYPE_CHECKING:
    from playwright.async_api import Page

_NOT_FOUND = 404
_CHOSEN_MS = 5_000

_SIZE_WORDS = {
    "xs": "extra small",
    "x-small": "extra small",
    "s": "small",
    "m": "medium",
    "l": "large",
    "xl": "extra large",
    "x-large": "extra large",
    "xxl": "2xl",
    "xx-large": "2xl",
}


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
        return self.values == ("Default Title",)


@dataclass(frozen=True)
class Offer:
    """A product as the shop's own data describes it."""

    title: str
    options: tuple[str, ...]
    variants: tuple[Variant, ...]


async def opened(page: Page, url: str) -> Offer:
    """Open the product page; what it offers."""
    with or_fail("the product page did not load in 30 s"):
        answer = await page.goto(url, wait_until="domcontentloaded")
        path = urlsplit(page.url).path
        if answer is not None and answer.status == _NOT_FOUND:
            raise TaskFailed("there is no such product (404)")
        if path.startswith("/password"):
            raise TaskFailed("the store is password protected")
        if path.startswith(("/challenge", "/checkpoint")):
            raise TaskFailed("the store asks to verify that a human is buying; it was left alone")
        data = await page.request.get(page.url.partition("?")[0] + ".js")
    try:
        return _offer(await data.json())
    except (ValueError, KeyError, TypeError):
        raise TaskFailed("this does not look like a Shopify product page") from None


def variant_of(offer: Offer, size: str | None) -> Variant:
    """The variant of this size; without a size the product must have exactly one.

    Raises:
        TaskFailed: there is none, it is sold out, or more must be chosen.
    """
    if size is None:
        if len(offer.variants) != 1:
            raise TaskFailed(f"this product comes in sizes, choose one: {_titles(offer.variants)}")
        found = list(offer.variants)
    else:
        found = _matching(offer.variants, size)
    if not found:
        raise TaskFailed(f"size {size} is not offered ({_titles(offer.variants)})")
    if len(found) > 1:
        raise TaskFailed(f"size {size} is not enough to choose by: {_titles(found)}")
    if not found[0].available:
        there_are = _titles([v for v in offer.variants if v.available]) or "nothing else"
        raise TaskFailed(f"size {size or found[0].title} is sold out (there is: {there_are})")
    return found[0]


async def choose(page: Page, variant: Variant) -> None:
    """Choose *variant* as a person would; by its address where the theme defeats that."""
    from playwright.async_api import TimeoutError as GaveUp

    chosen = page.locator(f'form[action*="/cart/add"] [name="id"][value="{variant.id}"]').first
    if not variant.is_only_one:
        for value in variant.values:
            await _pick(page, value)
    try:
        await chosen.wait_for(state="attached", timeout=_CHOSEN_MS)
    except GaveUp:
        with or_fail(f"the page would not choose {variant.title}"):
            await page.goto(f"{page.url.partition('?')[0]}?variant={variant.id}")
            await chosen.wait_for(state="attached")


async def _pick(page: Page, value: str) -> None:
    """Choose one option's value, however the theme draws it: as a select, or as radios."""
    quoted = json.dumps(value)
    select = f"select[name^='options[']:has(option[value={quoted}])"
    control = page.locator(f"{select}, input[type=radio][value={quoted}]").first
    if not await control.count():
        return
    drawn = await control.evaluate("e => ({tag: e.tagName, checked: e.checked, id: e.id})")
    if drawn["tag"] == "SELECT":
        await control.select_option(value=value)
    elif not drawn["checked"]:
        # Its label: the radio itself is often clipped to a pixel.
        label = f"label[for={json.dumps(drawn['id'])}], label:has(input[value={quoted}])"
        await page.locator(label).first.click()


def _offer(data: Mapping[str, Any]) -> Offer:
    named = [o["name"] if isinstance(o, dict) else o for o in data["options"]]
    variants = tuple(
        Variant(
            id=int(v["id"]),
            values=tuple(clean(str(value)) for value in v["options"]),
            available=bool(v["available"]),
            title=clean(str(v["title"])),
        )
        for v in data["variants"]
    )
    return Offer(clean(str(data["title"])), tuple(clean(str(n)) for n in named), variants)


def _matching(variants: Sequence[Variant], size: str) -> list[Variant]:
    """The variants of this size: spelled exactly so, else in other common words."""
    exact = [v for v in variants if size.casefold() in (value.casefold() for value in v.values)]
    return exact or [v for v in variants if _spelled(size) in map(_spelled, v.values)]


def _spelled(size: str) -> str:
    plain = " ".join(size.casefold().split())
    return _SIZE_WORDS.get(plain, plain)


def _titles(variants: Sequence[Variant]) -> str:
    return ", ".join(v.title + ("" if v.available else " (sold out)") for v in variants)
