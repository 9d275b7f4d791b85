"""The trips there are, and what has become of one, in the app's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from taskq.browser.patience import in_time, or_fail
from taskq.clean import clean
from taskq.errors import Declined
from taskq.handlers.uber import links
from taskq.handlers.uber.places import words
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Page

_IDLE_MS = 5_000.0
_CLOCKS = timedelta(minutes=1)
"""So far may the app's clock and ours be apart."""

_SAYS = ':is([role="status"], [role="alert"], h1, h2):visible'
# What it says is not documented; words that are not here are no end, and end in a question.
_COMES = re.compile(
    r"\b(is|are) (on (the|their) way|arriving)\b|\bdriver (is here|(has )?arrived)\b"
    r"|\b(ride|trip|pickup) (is |has been )?(scheduled|reserved)\b",
    re.IGNORECASE,
)
_COMES_NOT = re.compile(
    r"\bno (drivers|cars|rides)( are)? available\b|\bcancell?ed\b|\bdeclined\b"
    r"|\bpayment method is invalid\b",
    re.IGNORECASE,
)
_SAID = re.compile(f"{_COMES.pattern}|{_COMES_NOT.pattern}", re.IGNORECASE)


async def listed(page: Page, url: str) -> dict[str, str]:
    """The trips that the page at *url* lists: the address of each by its id."""
    from playwright.async_api import Error

    with or_fail("the app did not show your trips in 30 s; nothing was booked", "Uber"):
        await page.goto(url)
    with suppress(Error):  # a page that never rests has shown what it has by then
        await page.wait_for_load_state("networkidle", timeout=_IDLE_MS)
    hrefs = await page.locator("a[href]").evaluate_all("all => all.map(a => a.href)")
    return {found: urljoin(url, href) for href in hrefs if (found := links.trip_id(href))}


async def is_ours(page: Page, intent: Mapping[str, Any]) -> bool:
    """Whether the trip that is open is what *intent* says: its ride, its end, not before it."""
    text = words(await page.locator("main, body").first.inner_text())
    wanted = words(str(intent["product"])) + words(str(intent["to"]).partition(",")[0])
    stamps = await page.locator("time[datetime]").evaluate_all("all => all.map(e => e.dateTime)")
    begun = (datetime.fromisoformat(str(intent["at"])) - _CLOCKS).timestamp()
    known = [moment for stamp in stamps if (moment := _moment(stamp)) is not None]
    return set(wanted) <= set(text) and all(moment >= begun for moment in known)


def _moment(stamp: str) -> float | None:
    """When *stamp* is, if it says so to the minute."""
    try:
        return datetime.fromisoformat(stamp).timestamp() if ":" in stamp else None
    except ValueError:
        return None


async def became(run: Run[Any], seconds: float) -> str | None:
    """What the open trip says once a driver has accepted it, or it is scheduled.

    None if neither is so within *seconds*.

    Raises:
        Declined: there will be no ride.
    """
    says = run.page.locator(_SAYS).filter(has_text=_SAID).first
    if not await in_time(run, says.wait_for(timeout=0), seconds):
        return None
    text = clean(await says.inner_text())
    if _COMES_NOT.search(text):
        raise Declined(f"{text}: there will be no ride")
    return text
