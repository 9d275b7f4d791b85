"""The checkout's pages: the form, what it is told while it is filled in, the thank-you page."""

from __future__ import annotations

import json
from typing import Any

from taskq.demo.shop import overlays, vault
from taskq.demo.shop.address_form import address_form, clones
from taskq.demo.shop.checkout import Checkout, Receipt
from taskq.demo.shop.goods import BRAND
from taskq.demo.shop.habits import Habits
from taskq.demo.shop.money import CURRENCY, amount, price
from taskq.demo.shop.pages import Html, join, render
from taskq.demo.shop.places import COUNTRIES
from taskq.demo.shop.shopify_json import picture


def form(checkout: Checkout, vault_build: str) -> Html:
    """Draw the checkout, ready to be filled in."""
    body = render(
        "checkout",
        email=checkout.buyer.email,
        address=address_form(
            checkout.buyer, phone="Phone" if "phone" in checkout.demands else "Phone (optional)"
        ),
        payment=payment(checkout.habits),
        express=express(checkout.habits, vault_build),
        alert=render("checkout.alert", text=""),
        alerts=notice("checkout.alert", checkout),
        clones=clones(),
        summary=summary(checkout),
        facts=facts(checkout, vault_build),
    )
    return page(checkout, "Checkout", render("checkout.script", vault=vault_build), body)


def stock_problem(checkout: Checkout, message: str) -> Html:
    """Draw the checkout of something that is gone."""
    body = render("checkout.stock_problem", message=message, summary=summary(checkout))
    return page(checkout, "Checkout", Html(""), body)


def thank_you(checkout: Checkout, receipt: Receipt) -> Html:
    """Draw the receipt."""
    buyer, quoted = checkout.buyer, checkout.quote()
    zone = buyer.where.zones.get(buyer.zone, "")
    lines = (
        buyer.name,
        buyer.company,
        buyer.address1,
        buyer.address2,
        f"{buyer.city} {zone} {buyer.postal_code}",
        buyer.where.name,
        buyer.phone,
    )
    part = "stepped" if checkout.habits.steps == "three" else "heading"
    comma = "" if part == "stepped" else ","
    body = render(
        "thank_you",
        heading=render(
            f"thank_you.{part}",
            confirmation=receipt.confirmation,
            order=receipt.order,
            thanks=f"Thank you{comma} {buyer.first_name}!" if buyer.first_name else "Thank you!",
        ),
        order=receipt.order,
        email=buyer.email,
        address=join(render("thank_you.address_line", text=text) for text in lines if text),
        shipping=quoted.chosen.title if quoted.chosen else "",
        paid_by=_paid_by(receipt),
        paid=f"{price(quoted.total)} {CURRENCY}",
        summary=summary(checkout),
    )
    return page(checkout, "Thank you", Html(""), body)


def _paid_by(receipt: Receipt) -> str:
    if receipt.card_ending is None:
        return "Cash on Delivery (COD)"
    return f"Bogus ending in {receipt.card_ending}"


def quote(checkout: Checkout) -> dict[str, Any]:
    """Tell the page what it comes to so far."""
    quoted = checkout.quote()
    return {
        "rates": [
            {"handle": r.handle, "title": r.title, "detail": r.detail, "price": price(r.price)}
            for r in quoted.rates
        ],
        "chosen": quoted.chosen.handle if quoted.chosen else None,
        "subtotal": price(quoted.subtotal),
        "shipping": price(quoted.chosen.price) if quoted.chosen else None,
        "taxes": price(quoted.tax) if quoted.tax else None,
        "total": price(quoted.total),
        "amount": amount(quoted.total),
    }


def outcome(receipt: Receipt) -> dict[str, Any]:
    """Tell the page how its payment request ended."""
    checkout = receipt.checkout
    if receipt.confirm_at:
        kind = "confirm" if checkout.habits.three_d_secure == "frame" else "redirect"
        return {kind: receipt.confirm_at}
    if receipt.order:
        return {"redirect": checkout.thank_you_path}
    return {
        "message": receipt.message,
        "problems": receipt.problems,
        "card_session": checkout.card_session,
        "quote": quote(checkout),
    }


def notice(alert: str, checkout: Checkout) -> Html:
    """Draw what is to be said first, if anything, as the template *alert*."""
    text = checkout.take_notice()
    return render(alert, text=text) if text else Html("")


def payment(habits: Habits) -> Html:
    """Draw the ways to pay."""
    part = "several" if habits.ways_to_pay == "several" else "card"
    return render("payment", ways=render(f"payment.{part}"))


def express(habits: Habits, vault_build: str) -> Html:
    """Draw the wallets that offer themselves, if any."""
    return render("payment.express", wallet=f"{vault_build}/wallet") if habits.wallets else Html("")


def page(checkout: Checkout, title: str, head: Html, body: Html) -> Html:
    """Put *body* into what every page of a checkout has around it."""
    full = f"{title} - {BRAND}"
    over = overlays.on_checkout(checkout.habits)
    return render("checkout_layout", title=full, brand=BRAND, head=head, body=body, overlays=over)


def summary(checkout: Checkout) -> Html:
    """Draw what is bought and what it comes to."""
    quoted = checkout.quote()
    items = join(
        render(
            "summary.item",
            picture=picture(line.product),
            title=line.product.title,
            variant="" if line.product.is_plain else line.variant.title,
            quantity=line.quantity,
            price=price(line.price),
        )
        for line in checkout.lines
    )
    taxes = render("summary.taxes", taxes=price(quoted.tax)) if quoted.tax else Html("")
    return render(
        "summary",
        items=items,
        subtotal=price(quoted.subtotal),
        shipping=price(quoted.chosen.price) if quoted.chosen else "Enter shipping address",
        taxes=taxes,
        currency=CURRENCY,
        total=price(quoted.total),
    )


def facts(checkout: Checkout, vault_build: str) -> Html:
    """Give the page's script what it must know, safe inside a script element."""
    known = {
        "path": checkout.root,
        "amount": amount(checkout.quote().total),
        "currency": CURRENCY,
        "countries": {
            country.code: {
                "zoneLabel": country.zone_label,
                "zones": country.zones,
                "postalLabel": country.postal_label,
                "postalPattern": country.postal_pattern,
                "dialCode": country.dial_code,
            }
            for country in COUNTRIES.values()
        },
        "problems": checkout.demands,
        "vault": vault_build,
        "cardSession": checkout.card_session,
        "cardFields": [
            {
                "name": each.name,
                "label": each.label,
                "problem": each.problem,
                "autocomplete": each.autocomplete,
            }
            for each in vault.FIELDS
        ],
        "cardFieldsIn": checkout.habits.card_fields,
    }
    return Html(json.dumps(known).replace("<", r"\u003c"))
