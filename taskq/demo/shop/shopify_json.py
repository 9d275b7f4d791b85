"""Products and carts as Shopify's Ajax API writes them."""

from __future__ import annotations

from typing import Any

from taskq.demo.shop.cart import Cart
from taskq.demo.shop.catalog import Catalog, Line, Product, Variant
from taskq.demo.shop.goods import BRAND
from taskq.demo.shop.money import CURRENCY, amount

ASSETS = "/cdn/shop/t/1/assets"


def picture(product: Product) -> str:
    """Give the path of the product's picture."""
    return f"{ASSETS}/{product.picture}"


def _option_values(variant: Variant) -> dict[str, str | None]:
    values = (*variant.values, None, None, None)
    return {f"option{position}": values[position - 1] for position in (1, 2, 3)}


def _options(product: Product) -> list[dict[str, Any]]:
    return [
        {"name": option.name, "position": position, "values": list(option.values)}
        for position, option in enumerate(product.options, 1)
    ]


def _variant(catalog: Catalog, product: Product, variant: Variant) -> dict[str, Any]:
    title = None if product.is_plain else variant.title
    return {
        "id": variant.id,
        "title": variant.title,
        **_option_values(variant),
        "sku": variant.sku,
        "requires_shipping": True,
        "taxable": True,
        "featured_image": None,
        "available": catalog.available(variant),
        "name": f"{product.title} - {title}" if title else product.title,
        "public_title": title,
        "options": list(variant.values),
        "price": variant.price,
        "weight": 0,
        "compare_at_price": None,
        "inventory_management": None if catalog.left(variant) is None else "shopify",
        "barcode": None,
        "quantity_rule": {"min": 1, "max": None, "increment": 1},
        "requires_selling_plan": False,
        "selling_plan_allocations": [],
    }


def product_js(catalog: Catalog, product: Product) -> dict[str, Any]:
    """Write *product* as /products/<handle>.js does: prices in cents."""
    prices = [variant.price for variant in product.variants]
    return {
        "id": product.id,
        "title": product.title,
        "handle": product.handle,
        "description": product.description,
        "vendor": BRAND,
        "type": product.kind,
        "tags": [],
        "price": min(prices),
        "price_min": min(prices),
        "price_max": max(prices),
        "price_varies": min(prices) != max(prices),
        "available": any(catalog.available(variant) for variant in product.variants),
        "compare_at_price": None,
        "compare_at_price_min": 0,
        "compare_at_price_max": 0,
        "compare_at_price_varies": False,
        "variants": [_variant(catalog, product, variant) for variant in product.variants],
        "images": [picture(product)],
        "featured_image": picture(product),
        "options": _options(product),
        "url": f"/products/{product.handle}",
    }


def product_json(product: Product) -> dict[str, Any]:
    """Write *product* as /products/<handle>.json does: prices as text, nothing of stock."""
    variants = [
        {
            "id": variant.id,
            "product_id": product.id,
            "title": variant.title,
            "price": amount(variant.price),
            "sku": variant.sku,
            **_option_values(variant),
        }
        for variant in product.variants
    ]
    about = {
        "id": product.id,
        "title": product.title,
        "body_html": product.description,
        "vendor": BRAND,
        "product_type": product.kind,
        "handle": product.handle,
    }
    return {"product": {**about, "variants": variants, "options": _options(product)}}


def line_js(line: Line) -> dict[str, Any]:
    """Write one line of a cart."""
    product, variant = line.product, line.variant
    values = zip(product.options, variant.values, strict=True)
    return {
        "id": variant.id,
        "key": f"{variant.id}:{product.id:x}",
        "variant_id": variant.id,
        "product_id": product.id,
        "quantity": line.quantity,
        "title": line.title,
        "price": variant.price,
        "line_price": line.price,
        "sku": variant.sku,
        "vendor": BRAND,
        "url": f"/products/{product.handle}?variant={variant.id}",
        "image": picture(product),
        "handle": product.handle,
        "requires_shipping": True,
        "product_type": product.kind,
        "product_title": product.title,
        "variant_title": None if product.is_plain else variant.title,
        "product_has_only_default_variant": product.is_plain,
        "variant_options": list(variant.values),
        "options_with_values": [{"name": o.name, "value": value} for o, value in values],
        "properties": {},
    }


def cart_js(cart: Cart) -> dict[str, Any]:
    """Write *cart* as /cart.js does."""
    lines = cart.lines
    total = sum(line.price for line in lines)
    return {
        "token": cart.token,
        "note": "",
        "attributes": {},
        "original_total_price": total,
        "total_price": total,
        "total_discount": 0,
        "total_weight": 0,
        "item_count": sum(line.quantity for line in lines),
        "items": [line_js(line) for line in lines],
        "requires_shipping": bool(lines),
        "currency": CURRENCY,
        "items_subtotal_price": total,
        "cart_level_discount_applications": [],
    }
