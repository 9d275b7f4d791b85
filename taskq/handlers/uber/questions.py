"""What the app may ask before it books, what says yes to it, and what is a definite no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

ALERT = '[role="alert"]:visible'
_DIALOG = ':is([role="dialog"], [role="alertdialog"]):visible'
# Its words are glued together where elements meet.
_NEW_FARE = re.compile(
    r"(fare|price)s?\b.{0,60}(changed|new|updated|increased|higher|risen|gone up|went up)"
    r"|(changed|new|updated|increased|higher).{0,30}(fare|price)",
    re.IGNORECASE | re.DOTALL,
)
# What else an app sells; a yes to it is none to a fare.
_SALE = re.compile(
    r"month|member|upgrade|subscri|trial|extra|instead|add(ed)? to|\bone\b|tip", re.IGNORECASE
)
_ACCEPT = re.compile(r"^\W*(accept|confirm)( the)?( new)?( fare| price)?\W*$", re.IGNORECASE)
_CONFIRM = re.compile(r"^\W*confirm( and request| pickup( spot| location)?)?\W*$", re.IGNORECASE)

NO = re.compile(
    r"(payment|card|request|trip|ride|fare)\b[^.\n]{0,40}\b(declined|no longer available)\b"
    r"|declined your (payment|card|request)|payment method is invalid|update your billing"
    r"|already (have|on) a trip|log in to request",
    re.IGNORECASE,
)
"""A definite no to the request; whatever else the app says leaves it unknown."""

AROUND = """e => (e.closest('[role="dialog"], [role="alertdialog"], dialog, section, form, main')
  ?? document.body).innerText"""
"""What is said around an element."""


@dataclass(frozen=True)
class Question:
    """A question: where it is asked, and what says yes to it."""

    place: Locator
    yes: Locator


def of(page: Page) -> dict[str, Question]:
    """What the app may ask, each at most once: whether a new fare will do, and where to meet."""
    accept = page.get_by_role("button", name=_ACCEPT)
    asks = page.locator(_DIALOG).filter(has_text=_NEW_FARE, has_not_text=_SALE, has=accept).first
    confirm = page.get_by_role("button", name=_CONFIRM).first
    return {
        "fare": Question(asks, asks.get_by_role("button", name=_ACCEPT).first),
        "pickup": Question(confirm, confirm),
    }
