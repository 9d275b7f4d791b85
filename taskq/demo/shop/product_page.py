"""A product's page as the theme draws it: the picker in three styles, the cart form."""

from __future__ import annotations

import json

from taskq.demo.shop import shopify_json
from taskq.demo.shop.catalog import Catalog, Option, Product, Variant
from taskq.demo.shop.money import price
from taskq.demo.shop.pages import Html, join, render, when
from taskq.demo.shop.shopify_json import picture
from taskq.demo.web import Request

SECTION = "template--17__main"


def section(catalog: Catalog, product: Product, request: Request) -> Html:
    """Draw the part of the page that depends on the chosen variant."""
    values = _chosen(catalog, product, request)
    variant = product.variant_of(values) or product.variants[0]
    available = catalog.available(variant)
    return render(
        "product.section",
        section=SECTION,
        id=product.id,
        url=f"/products/{product.handle}",
        picture=picture(product),
        title=product.title,
        description=product.description,
        price=price(variant.price),
        badge=Html("") if available else render("product.badge"),
        picker=_picker(catalog, product, values),
        choice=_choice(catalog, product, variant, available=available),
        data=_data(catalog, product),
        disabled=when(not available, "disabled"),
        add="Add to cart" if available else "Sold out",
    )


def _choice(catalog: Catalog, product: Product, variant: Variant, *, available: bool) -> Html:
    """Draw what the cart form sends: the chosen variant, or a list of all as older themes do."""
    if not product.is_listed:
        disabled = when(not available, "disabled")
        return render("product.variant", variant=variant.id, disabled=disabled)
    choices = join(
        render(
            "product.list_choice",
            value=each.id if catalog.available(each) else "",
            text=f"{each.title} - {price(each.price)}",
            disabled=when(not catalog.available(each), "disabled"),
            selected=when(each is variant, "selected"),
        )
        for each in product.variants
    )
    return render("product.list", choices=choices)


def _data(catalog: Catalog, product: Product) -> Html:
    """Give the product as data in the page, as themes do whose script draws the buttons."""
    if not product.hides_data or product.is_listed:
        return Html("")
    data = json.dumps(shopify_json.product_js(catalog, product)).replace("<", "\\u003c")
    return render("product.data", data=Html(data))


def recommendations(catalog: Catalog, product: Product) -> Html:
    """Draw the other products; one without a choice can be added right there."""
    others = (each for each in catalog.products if each is not product)
    return join(
        render(
            "product.other",
            url=f"/products/{each.handle}",
            picture=picture(each),
            title=each.title,
            price=price(each.variants[0].price),
            quick_add=_quick_add(each) if each.is_plain else Html(""),
        )
        for each in others
    )


def _quick_add(product: Product) -> Html:
    return render("product.quick_add", id=product.id, variant=product.variants[0].id)


def _chosen(catalog: Catalog, product: Product, request: Request) -> tuple[str, ...]:
    """Give the values asked for, by option or by variant; else those of one in stock."""
    asked = request.query.get("option_values", "").split(",")
    values = tuple(
        value
        for option in product.options
        for value in option.values
        if str(product.value_id(option, value)) in asked
    )
    if product.variant_of(values):
        return values
    wanted = request.query.get("variant")
    by_id = (each for each in product.variants if str(each.id) == wanted)
    in_stock = (each for each in product.variants if catalog.available(each))
    return next(by_id, next(in_stock, product.variants[0])).values


def _picker(catalog: Catalog, product: Product, values: tuple[str, ...]) -> Html:
    if product.is_plain or product.is_listed:
        return Html("")
    choosers = (_chooser(catalog, product, option, values) for option in product.options)
    return render("product.picker", section=SECTION, choosers=join(choosers))


def _chooser(catalog: Catalog, product: Product, option: Option, values: tuple[str, ...]) -> Html:
    position = product.options.index(option)
    choices = join(
        render(
            f"product.{option.style}_choice",
            section=SECTION,
            name=f"{option.name}-{position + 1}",
            input=f"{SECTION}-{position + 1}-{number}",
            value=value,
            value_id=product.value_id(option, value),
            selected=when(value == values[position], "selected"),
            checked=when(value == values[position], "checked"),
            pressed="true" if value == values[position] else "false",
            **_availability(catalog.available(variant)),
        )
        for number, value, variant in _variants_along(product, option, values)
    )
    name = f"Option-{SECTION}-{position}"
    return render(
        f"product.{option.style}",
        id=name,
        section=SECTION,
        name=option.name,
        chosen=values[position],
        choices=choices,
    )


def _availability(available: bool) -> dict[str, Html]:
    """Say it thrice, as the three styles need it."""
    if available:
        return {"look": Html(""), "unavailable": Html(""), "suffix": Html("")}
    return {
        "look": Html(" class=disabled"),
        "unavailable": render("product.unavailable"),
        "suffix": Html(" - Unavailable"),
    }


def _variants_along(
    product: Product, option: Option, values: tuple[str, ...]
) -> list[tuple[int, str, Variant]]:
    """Give the variant each value of *option* leads to while the other options stay."""
    position = product.options.index(option)
    found = []
    for number, value in enumerate(option.values):
        leads_to = product.variant_of((*values[:position], value, *values[position + 1 :]))
        if leads_to:
            found.append((number, value, leads_to))
    return found
