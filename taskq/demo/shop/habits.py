"""How a shop treats its visitors: what a merchant's theme, apps and settings do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Habits:
    """One merchant's choices; those of the demo shop unless said otherwise."""

    steps: Literal["one", "three"] = "one"
    """Whether the checkout is one page, or the three steps that older shops kept."""

    phone: Literal["optional", "required"] = "optional"
    """Whether a phone number must be given."""

    newsletter: bool = False
    """Whether a newsletter lays itself over a product's page, half a second after it loads."""

    cookie_banner: bool = False
    """Whether every page asks about cookies until it is answered."""

    country_dialog: bool = False
    """Whether a visitor is asked to go to another country's store."""

    answers_in: float = 0.0
    """How many seconds every answer of the storefront and the checkout takes."""

    scripts_in: float = 0.0
    """How many seconds after its page the theme's script comes."""

    queue_seconds: float = 0.0
    """How long a visitor waits in line before the checkout."""

    challenge: Literal["", "product", "checkout"] = ""
    """Where a visitor must first say that they are human."""

    password: bool = False
    """Whether nobody is let in without a password."""

    three_d_secure: Literal["", "redirect", "frame"] = ""
    """How the bank asks the card's owner to confirm a payment, if it does."""

    wallets: bool = False
    """Whether wallets offer themselves above the checkout."""

    shop_pay: bool = False
    """Whether Shop asks for a code as soon as it knows the e-mail."""

    ways_to_pay: Literal["card", "several"] = "card"
    """Whether there is cash on delivery too, chosen unless the buyer chooses the card."""

    card_fields: Literal["frames", "page"] = "frames"
    """Whether the card is asked for in the vault's frames, or in the page as Shopify never does."""

    customers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Who may log in: passwords by e-mail."""

    account_required: bool = False
    """Whether only customers may check out."""


DEMO = Habits()
