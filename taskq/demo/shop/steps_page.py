"""The pages of the checkout in three steps."""

from __future__ import annotations

from taskq.demo.shop import checkout_page
from taskq.demo.shop.buyer import Buyer
from taskq.demo.shop.checkout import STEPS, Checkout
from taskq.demo.shop.long_names import LAST_WORDS
from taskq.demo.shop.money import price
from taskq.demo.shop.pages import Html, join, render, when
from taskq.demo.shop.places import COUNTRIES

NOTHING = Html("")
TITLES = dict(zip(STEPS, ("Information", "Shipping", "Payment"), strict=True))

# (name as on the one page, label, autocomplete, width), in the order in which they are asked.
NAME_AND_STREET = (
    ("firstName", "First name (optional)", "given-name", "half"),
    ("lastName", "Last name", "family-name", "half"),
    ("company", "Company (optional)", "organization", "full"),
    ("address1", "Address", "address-line1", "full"),
    ("address2", "Apartment, suite, etc. (optional)", "address-line2", "full"),
    ("city", "City", "address-level2", "third"),
)


def contact(checkout: Checkout, problems: dict[str, str], vault_build: str) -> Html:
    """Draw the first step, with what is wrong beneath its fields."""
    buyer, texts = checkout.buyer, problems
    phone = "Phone" if "phone" in checkout.demands else "Phone (optional)"
    after = (
        ("postalCode", buyer.where.postal_label, "postal-code", "third"),
        ("phone", phone, "tel", "full"),
    )
    body = render(
        "steps.contact",
        email=buyer.email,
        email_error=_error("email", texts),
        email_invalid=_invalid("email", texts),
        country=_country(buyer),
        names=join(_text(each, buyer, texts) for each in NAME_AND_STREET),
        province=_province(buyer, texts),
        rest=join(_text(each, buyer, texts) for each in after),
    )
    return _page(checkout, STEPS[0], body, render("steps.contact_script"), vault_build)


def shipping(checkout: Checkout) -> Html:
    """Draw the second step."""
    quoted = checkout.quote()
    rates = join(
        render(
            "steps.rate",
            id=each.handle,
            title=each.title,
            detail=each.detail,
            price=price(each.price),
            checked=when(each == quoted.chosen, "checked"),
        )
        for each in quoted.rates
    )
    return _page(
        checkout, STEPS[1], render("steps.shipping", review=_review(checkout), rates=rates)
    )


def payment(checkout: Checkout, vault_build: str) -> Html:
    """Draw the last step, where the card's frames are."""
    body = render(
        "steps.payment",
        review=_review(checkout),
        payment=checkout_page.payment(checkout.habits),
        alert=render("steps.alert", text=""),
        alerts=checkout_page.notice("steps.alert", checkout),
        back=checkout.step(STEPS[1]),
    )
    head = render("steps.payment_script", vault=vault_build)
    return _page(checkout, STEPS[2], body, head, vault_build)


def _page(
    checkout: Checkout, step: str, body: Html, head: Html = NOTHING, vault_build: str = ""
) -> Html:
    crumbs = join(
        render("steps.crumb", title=title, current=when(name == step, 'aria-current="step"'))
        for name, title in TITLES.items()
    )
    whole = render(
        "steps",
        crumbs=crumbs,
        express=checkout_page.express(checkout.habits, vault_build) if step == STEPS[0] else "",
        root=checkout.root,
        step=step,
        body=body,
        summary=checkout_page.summary(checkout),
        facts=checkout_page.facts(checkout, vault_build),
    )
    return checkout_page.page(checkout, TITLES[step], head, whole)


def _review(checkout: Checkout) -> Html:
    buyer = checkout.buyer
    zone = buyer.where.zones.get(buyer.zone, "")
    town = f"{buyer.city} {zone} {buyer.postal_code}"
    places = (buyer.address1, buyer.address2, town, buyer.where.name)
    return render(
        "steps.review",
        email=buyer.email,
        address=", ".join(each for each in places if each),
        back=checkout.step(STEPS[0]),
    )


def _error(name: str, problems: dict[str, str]) -> Html:
    if name not in problems:
        return Html("")
    return render("steps.error", name=LAST_WORDS[name], text=problems[name])


def _invalid(name: str, problems: dict[str, str]) -> Html:
    described = f'aria-invalid="true" aria-describedby="error-for-{LAST_WORDS[name]}"'
    return when(name in problems, described)


def _text(asked: tuple[str, str, str, str], buyer: Buyer, problems: dict[str, str]) -> Html:
    name, label, token, width = asked
    return render(
        "steps.text",
        name=LAST_WORDS[name],
        label=label,
        token=token,
        width=width,
        value=buyer.form[name],
        error=_error(name, problems),
        invalid=_invalid(name, problems),
    )


def _country(buyer: Buyer) -> Html:
    countries = COUNTRIES.values()
    choices = join(_choice(e.name, e.code, chosen=e.code == buyer.country) for e in countries)
    return render("steps.country", choices=choices)


def _province(buyer: Buyer, problems: dict[str, str]) -> Html:
    zones = buyer.where.zones.items()
    return render(
        "steps.province",
        label=buyer.where.zone_label or "State",
        hidden=when(not zones, "hidden"),
        disabled=when(not zones, "disabled"),
        choices=join(_choice(name, code, chosen=code == buyer.zone) for code, name in zones),
        error=_error("zone", problems),
        invalid=_invalid("zone", problems),
    )


def _choice(name: str, code: str, *, chosen: bool) -> Html:
    return render("steps.choice", name=name, code=code, selected=when(chosen, "selected"))
