"""The delivery part of the checkout's form, and the off-screen clones that browsers fill in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from taskq.demo.shop.buyer import Buyer
from taskq.demo.shop.pages import Html, join, render, when
from taskq.demo.shop.places import COUNTRIES


@dataclass(frozen=True)
class Asked:
    """One text field of the form."""

    name: str
    label: str
    autocomplete: str
    width: str = "full"


FIRST = Asked("firstName", "First name (optional)", "shipping given-name", width="half")
LAST = Asked("lastName", "Last name", "shipping family-name", width="half")
COMPANY = Asked("company", "Company (optional)", "shipping organization")
LINE_2 = Asked("address2", "Apartment, suite, etc. (optional)", "shipping address-line2")
CITY = Asked("city", "City", "shipping address-level2", width="third")

# (id and name, autocomplete): what browsers' autofill looks for, by their names and Shopify's.
CLONES = (
    ("firstName", "shipping given-name"),
    ("lastName", "shipping family-name"),
    ("company", "shipping organization"),
    ("address1", "shipping address-line1"),
    ("address2", "shipping address-line2"),
    ("city", "shipping address-level2"),
    ("country", "shipping country"),
    ("zone", "shipping address-level1"),
    ("province", "shipping address-level1"),
    ("address-level1", "shipping address-level1"),
    ("postalCode", "shipping postal-code"),
    ("phone", "shipping tel"),
)


def address_form(buyer: Buyer, *, phone: str) -> Html:
    """Draw the fields, numbered by their kind as Shopify numbers them; *phone* is its label."""
    where = buyer.where
    postal = Asked("postalCode", where.postal_label, "shipping postal-code", width="third")
    countries = ((each.code, each.name) for each in COUNTRIES.values())
    values = buyer.form
    return join(
        (
            render("address.country", choices=_choices(countries, where.code)),
            _text(FIRST, 0, values),
            _text(LAST, 1, values),
            _text(COMPANY, 2, values),
            render("address.street", value=buyer.address1),
            _text(LINE_2, 3, values),
            _text(CITY, 4, values),
            _zone(buyer),
            _text(postal, 5, values),
            _phone(buyer, phone),
        )
    )


def clones() -> Html:
    """Draw the clones."""
    return join(
        render("address.clone", name=name, autocomplete=autocomplete)
        for name, autocomplete in CLONES
    )


def _text(asked: Asked, number: int, values: dict[str, str]) -> Html:
    return render(
        "address.text",
        id=f"TextField{number}",
        name=asked.name,
        label=asked.label,
        autocomplete=asked.autocomplete,
        width=asked.width,
        value=values[asked.name],
    )


def _zone(buyer: Buyer) -> Html:
    # The script takes the field away where the country has no zones.
    where = buyer.where
    choices = _choices(iter(where.zones.items()), buyer.zone)
    return render("address.zone", label=where.zone_label or "State", choices=choices)


def _phone(buyer: Buyer, label: str) -> Html:
    codes = sorted({each.dial_code for each in COUNTRIES.values()})
    choices = _choices(((code, code) for code in codes), buyer.where.dial_code)
    return render("address.phone", value=buyer.phone, label=label, choices=choices)


def _choices(pairs: Iterator[tuple[str, str]], chosen: str) -> Html:
    return join(
        render("address.choice", value=value, text=text, selected=when(value == chosen, "selected"))
        for value, text in pairs
    )
