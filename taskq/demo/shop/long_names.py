"""The long names of a buyer's details: permalinks and the three steps use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskq.demo.shop.buyer import Buyer
from taskq.demo.shop.places import COUNTRIES, US

# What they call each detail, and what the one-page form calls it.
SHORT = {
    "checkout[email]": "email",
    "checkout[shipping_address][first_name]": "firstName",
    "checkout[shipping_address][last_name]": "lastName",
    "checkout[shipping_address][company]": "company",
    "checkout[shipping_address][address1]": "address1",
    "checkout[shipping_address][address2]": "address2",
    "checkout[shipping_address][city]": "city",
    "checkout[shipping_address][province]": "zone",
    "checkout[shipping_address][country]": "countryCode",
    "checkout[shipping_address][zip]": "postalCode",
    "checkout[shipping_address][phone]": "phone",
}
LAST_WORDS = {short: long.split("[")[-1].rstrip("]") for long, short in SHORT.items()}


def read(fields: Mapping[str, Any]) -> Buyer:
    """Read the details; a country and its province may be written out, or be codes."""
    form = {SHORT[name]: str(value) for name, value in fields.items() if name in SHORT}
    countries = {each.name: code for code, each in COUNTRIES.items()}
    named = form.get("countryCode", US.code)
    code = form["countryCode"] = countries.get(named, named)
    if code in COUNTRIES:
        zones = {name: zone for zone, name in COUNTRIES[code].zones.items()}
        written = form.get("zone", "")
        form["zone"] = zones.get(written, written)
    return Buyer.of(form)
