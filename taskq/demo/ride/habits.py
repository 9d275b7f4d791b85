"""How the ride app treats its riders, and what becomes of what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Habits:
    """One day at the app; that of the demo unless said otherwise."""

    session: Literal["good", "expired", "signed out"] = "good"
    """Whether riders stay logged in: else they are sent to log in, or shown pages without fares."""

    human_check: bool = False
    """Whether every page asks first whether a human is there."""

    cookie_bar: bool = False
    """Whether a question about cookies lies over every page until it is answered."""

    promo: bool = False
    """Whether an offer lays itself over the list of products after one is chosen."""

    suggestions: Literal["exact", "several", "none"] = "exact"
    """Whether an address is found once, in two towns, or not at all."""

    preselected: str = "Comfort"
    """The product that is chosen before the rider chooses."""

    sold_out: tuple[str, ...] = ()
    """Products that are in the list without a fare."""

    missing: tuple[str, ...] = ()
    """Products that are not in the list."""

    skeletons: float = 0.15
    """For how many seconds the list shows that it is loading."""

    draws_twice: bool = True
    """Whether fares are fetched again a moment later, the list being skeletons meanwhile."""

    fares: Literal["plain", "ranges", "none"] = "plain"
    """How fares are written: as an amount, as a range of two, or as a dash."""

    currency: str = "USD"
    """What fares are in."""

    rises: Literal["", "in the list", "at confirm", "after the request"] = ""
    """Where the fare turns out to be higher than it was."""

    rises_by: int = 300
    """By how many cents."""

    rises_again: bool = False
    """Whether it does so at every request, not at the first alone."""

    confirms: Literal["", "in the page", "in a dialog"] = ""
    """Where the app asks for the place of pickup to be confirmed before it requests, if it does."""

    payments: tuple[str, ...] = ("Visa ••••4242", "Mastercard ••••5100")
    """The rider's ways to pay; the first is chosen."""

    button_works: bool = True
    """Whether the page does anything when a ride is requested."""

    answers: Literal[
        "plainly",
        "decline",
        "error before",
        "error after",
        "hang up after",
        "hang after",
        "unknown page",
        "bank",
    ] = "plainly"
    """What becomes of the answer to a request, which is booked before all but the first two."""

    answers_in: float = 0.0
    """For how many seconds it is waited for."""

    dispatch: Literal["driver", "no drivers", "driver cancels", "declined late", "silence"] = (
        "driver"
    )
    """What becomes of a booked ride."""

    finds_in: float = 0.4
    """After how many seconds that is known."""

    had_trip: bool = False
    """Whether the rider has just taken the same ride."""

    on_trip: bool = False
    """Whether the rider is on the way already."""


DEMO = Habits()
