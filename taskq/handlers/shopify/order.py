"""What is to be ordered, and what makes two orders the same."""

from __future__ import annotations

import ipaddress
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from taskq.addresses import is_loopback
from taskq.browser.guard import site_of
from taskq.handlers.shopify import sizes
from taskq.registry import Option

_MAX_URL = 2048


def product_url(url: str) -> str:
    """*url* if a browser may safely be sent there to buy a product.

    Raises:
        ValueError: it is no https address of a product page (http is for loopback alone).
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("this is not an address") from None
    del port  # only reading it tells whether it is one
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("this is not an address such as https://kith.com/products/hp-p020-051-1")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("use https: card and address must not travel in the open")
    if parts.username or parts.password:
        raise ValueError("an address with a user name in it is not accepted")
    if "/products/" not in parts.path or parts.path.endswith("/products/"):
        raise ValueError("this is not a product page: its path has no /products/NAME")
    if len(url) > _MAX_URL:
        raise ValueError(f"an address has at most {_MAX_URL} characters")
    return url.strip()


def same_product(asked: str, landed: str) -> None:
    """See that a shop that sent us on from *asked* sent us to the same product of its own.

    Raises:
        ValueError: it did not, or to where no browser should be sent.
    """
    product_url(landed)
    before, after = urlsplit(asked), urlsplit(landed)
    if _handle(before.path) != _handle(after.path):
        raise ValueError("another product")
    hosts = [parts.hostname or "" for parts in (before, after)]
    sites = {site_of(host) for host in hosts}
    if len(sites) > 1 and "myshopify.com" not in sites:
        raise ValueError("another shop")
    if is_loopback(hosts[0]) != is_loopback(hosts[1]) or _is_private(hosts[1]):
        raise ValueError("an address inside a network")


def _handle(path: str) -> str:
    return path.rpartition("/products/")[2].strip("/")


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private and not is_loopback(host)
    except ValueError:
        return False


_PORT = "(:[0-9]{1,4})?"
_PART = r"[^\s\x00-\x1f?#/]+"
_URL_PATTERN = (
    rf"^(https://[A-Za-z0-9.-]+|http://(localhost|127\.0\.0\.1)){_PORT}"
    rf"(?![^?#]*/products/([?#]|$))(/{_PART})*/products/{_PART}(/{_PART})*/?([?#][^\s\x00-\x1f]*)?$"
)
"""What `product_url` takes, for who reads the schema."""

_MAX_PRICE = 10**12
_PRICE_SCHEMA = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": _MAX_PRICE},
        {"type": "string", "pattern": r"^(?!0+(\.0+)?$)[0-9]{1,12}(\.[0-9]{1,6})?$"},
        {"type": "null"},
    ]
}
"""An amount as text is read exactly as it is written."""

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=60),
    Field(json_schema_extra={"pattern": r"\S"}),
]


def _pairs(given: Any, info: ValidationInfo) -> Any:
    """`["Color=Black"]`, as the command line has it, as a mapping; JSON has mappings itself."""
    if info.mode == "json" or not isinstance(given, (list, tuple)):
        return given
    if any("=" not in str(pair) for pair in given):
        raise ValueError("a choice is NAME=VALUE, such as Color=Black")
    return dict(str(pair).split("=", 1) for pair in given)


class ShopifyOrder(BaseModel):
    """One product in one size, for one person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product_url: Annotated[
        str,
        Option("--url"),
        AfterValidator(product_url),
        Field(
            description="the product's page",
            examples=["https://kith.com/products/hp-1"],
            json_schema_extra={"pattern": _URL_PATTERN, "maxLength": _MAX_URL},
        ),
    ]
    size: Annotated[
        Text | None,
        Field(description="as the shop spells it; not needed where there is only one"),
    ] = None
    option: Annotated[
        dict[str, Text],
        BeforeValidator(_pairs),
        Field(description="another choice, as Color=Black (repeatable)", max_length=5),
    ] = {}
    quantity: Annotated[int, Field(ge=1, le=20, description="how many")] = 1
    shipping: Annotated[
        Text | None, Field(description="the shipping method's name; else the cheapest")
    ] = None
    max_price: Annotated[
        Decimal | None,
        Field(gt=0, lt=_MAX_PRICE, description="pay no more in total, in the shop's currency"),
        WithJsonSchema(_PRICE_SCHEMA),
    ] = None
    profile: Annotated[str | None, Field(description="who orders")] = None
    dry_run: Annotated[bool, Field(description="do everything up to the payment")] = False


def identity(order: ShopifyOrder) -> str:
    """The same product in the same size and colour for the same person is the same purchase."""
    parts = urlsplit(order.product_url)
    shop, handle = lane(order), _handle(parts.path)
    said = [order.size, *order.option.values()]
    chosen = sorted(sizes.canonical(value) for value in said if value)
    return "|".join((shop, handle, *chosen, order.profile or ""))


def lane(order: ShopifyOrder) -> str:
    """One order at a time in one shop: shops take bursts for bots."""
    return urlsplit(order.product_url).netloc.lower().removeprefix("www.")


def words(order: ShopifyOrder) -> dict[str, Any]:
    """The words of the plan's messages."""
    return {"size": order.size or ", ".join(order.option.values()) or "the only one"}
