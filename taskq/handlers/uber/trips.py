"""The trips there are, and what has become of one, in the app's own words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from taskq.browser.patience import in_time, or_fail
from taskq.clean import clean
from taskq.errors import Declined, TaskFailed
from taskq.handlers.uber import links, options
from taskq.handlers.uber.places import words
from taskq.handlers.uber.ride import UberRide
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Page

_IDLE_MS = 5_000.0
_CLOCKS = timedelta(minutes=1)
"""So far may the app's clock and ours be apart."""

_SAYS = ':is([role="status"], [role="alert"], h1, h2):visible'
# What it says is not documented; words that are not here are no end, and end in a question.
_DRIVER = re.compile(
    r"\b(is|are) (on (the|their) way|arriving)\b|\bdriver (is here|(has )?arrived)\b", re.IGNORECASE
)
_SCHEDULED = re.compile(
    r"\b(ride|trip|pickup) (is |has been )?(scheduled|reserved)\b", re.IGNORECASE
)
_COMES_NOT = re.compile(
    r"^\W*no (drivers|cars|rides)( are)? available\b"
    r"|^\W*(your )?(driver|trip|ride)( was| has been| has)? cancell?ed\b"
    r"|^\W*(your )?payment( method)?( was| is)? (declined|invalid)\b",
    re.IGNORECASE,
)
# Somebody else is looked for, or it is a condition: no end.
_GOES_ON = re.compile(r"\b(another|new|finding|looking|searching|if|may|will be)\b", re.IGNORECASE)
_NONE_YET = re.compile(
    r"\b(no|any) (past |recent |upcoming )?(trips|rides|activity)\b", re.IGNORECASE
)
_LOOK_EVERY = 0.25
_STANDS_SECONDS = 3.0
"""So long a no must stand: an app may say that a driver has canceled, and send another."""


async def listed(page: Page, url: str) -> dict[str, str]:
    """The trips that the page at *url* lists: the address of each by its id."""
    from playwright.async_api import Error

    unseen = "the app did not show your trips; nothing was booked"
    with or_fail("the app did not show your trips in 30 s; nothing was booked", "Uber"):
        answer = await page.goto(url)
    if answer is not None and not answer.ok:
        raise TaskFailed(unseen)
    with suppress(Error):  # a page that never rests has shown what it has by then
        await page.wait_for_load_state("networkidle", timeout=_IDLE_MS)
    hrefs = await page.locator("a[href]").evaluate_all("all => all.map(a => a.href)")
    there = {found: urljoin(url, href) for href in hrefs if (found := links.trip_id(href))}
    if not there and not _NONE_YET.search(await page.locator("body").inner_text()):
        raise TaskFailed(unseen)  # a list that did not load is no list without trips
    return there


async def is_ours(page: Page, intent: Mapping[str, Any]) -> bool:
    """Whether the trip that is open is what *intent* says: its ride, its ends, not before it."""
    text = words(await page.locator("main, body").first.inner_text())
    wanted = words(str(intent["product"]))
    for end in ("from", "to"):
        wanted += words(str(intent[end]).partition(",")[0])
    stamps = await page.locator("time[datetime]").evaluate_all("all => all.map(e => e.dateTime)")
    begun = (datetime.fromisoformat(str(intent["at"])) - _CLOCKS).timestamp()
    known = [moment for stamp in stamps if (moment := _moment(stamp)) is not None]
    return set(wanted) <= set(text) and bool(known) and min(known) >= begun


def _moment(stamp: str) -> float | None:
    """When *stamp* is, if it says so to the minute."""
    try:
        return datetime.fromisoformat(stamp).timestamp() if ":" in stamp else None
    except ValueError:
        return None


async def became(run: Run[UberRide], seconds: float) -> str | None:
    """What the open trip says once a driver has accepted it, or it is scheduled as it was asked.

    None if neither is so within *seconds*.

    Raises:
        Declined: there will be no ride.
    """
    found: list[str] = []

    async def look() -> None:
        while not found:
            found.extend(filter(None, [await _said(run)]))
            if not found:
                await asyncio.sleep(_LOOK_EVERY)

    if not await in_time(run, look(), seconds):
        return None
    if says_no(found[0]):
        await asyncio.sleep(_STANDS_SECONDS)
        if await _said(run) != found[0]:
            return await became(run, seconds)
        raise Declined(f"{found[0]}: there will be no ride")
    return found[0]


async def _said(run: Run[UberRide]) -> str | None:
    """The sentence that ends the waiting: a yes, or a no that nothing contradicts."""
    page, wanted = run.page, run.params
    texts = [clean(text) for text in await page.locator(_SAYS).all_inner_texts()]
    if wanted.pickup_at is None:
        yes = [text for text in texts if says_yes(text, scheduled=False)]
    else:
        shown = await page.locator("body").inner_text()
        is_then = options.names_time(shown, wanted.pickup_at)
        yes = [text for text in texts if is_then and says_yes(text, scheduled=True)]
    return next((text for text in (*yes, *filter(says_no, texts))), None)


def says_yes(text: str, *, scheduled: bool) -> bool:
    """Whether *text* says that a driver comes, or that the ride is scheduled."""
    return bool((_SCHEDULED if scheduled else _DRIVER).search(text))


def says_no(text: str) -> bool:
    """Whether *text* says that there will be no ride, and nothing else."""
    is_yes = _DRIVER.search(text) or _SCHEDULED.search(text)
    return bool(_COMES_NOT.search(text)) and not (is_yes or _GOES_ON.search(text))
