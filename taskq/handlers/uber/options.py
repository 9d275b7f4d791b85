"""How a ride is paid, for how many, and when: chosen where it was asked for, and seen to be."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from taskq.browser import radios
from taskq.browser.patience import or_fail
from taskq.clean import clean
from taskq.errors import TaskFailed
from taskq.handlers.uber.places import words

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

_PAYMENT = ':is(button, [role="button"]):is([data-testid*="payment" i], [aria-label*="payment" i])'
_NO_PAYMENT = re.compile(r"add (a )?payment", re.IGNORECASE)
_DIALOG = '[role="dialog"]:visible'
_DONE = re.compile(r"^(confirm|done|save|next|set( pickup)? time)$", re.IGNORECASE)
_NOW = re.compile(r"pick ?up now|pickup: now|^now$", re.IGNORECASE)
_LABELS = "all => all.map(e => (e.labels?.[0] ?? e).innerText || e.ariaLabel || '')"


async def choose_payment(page: Page, wanted: str | None) -> str:
    """Choose the way to pay that has all the words of *wanted*, else leave it; what it is.

    Raises:
        TaskFailed: there is none, or not the one.
    """
    with or_fail("the app does not show how the ride is paid; nothing was booked"):
        shown = page.locator(_PAYMENT).filter(visible=True).first
        await shown.wait_for()
        chosen = clean(await shown.inner_text())
        if _NO_PAYMENT.search(chosen):
            raise TaskFailed(
                "the account has no way to pay: add one in the Uber app; nothing was booked"
            )
        if wanted is None or _is_meant(wanted, chosen):
            return chosen
        await shown.click()
        await _choose_in(page.locator(_DIALOG).first, wanted)
        chosen = clean(await shown.inner_text())
    if not _is_meant(wanted, chosen):
        raise TaskFailed(f"the app would charge {chosen}, not {wanted}; nothing was booked")
    return chosen


async def _choose_in(dialog: Locator, wanted: str) -> None:
    ways = dialog.get_by_role("radio")
    await ways.first.wait_for()
    names = [clean(name) for name in await ways.evaluate_all(_LABELS)]
    meant = [at for at, name in enumerate(names) if _is_meant(wanted, name)]
    if len(meant) != 1:
        how_many = "several ways" if meant else "no way"
        raise TaskFailed(
            f"there is {how_many} to pay called {wanted} (there are: {', '.join(names)}); "
            "nothing was booked"
        )
    await radios.choose(ways.nth(meant[0]))
    await _finish(dialog)


def _is_meant(wanted: str, offered: str) -> bool:
    """Whether *offered*, such as `Visa ••••4242`, has all the words of `Visa 4242`."""
    return set(words(wanted)) <= set(words(offered))


async def choose_seats(page: Page, number: int | None) -> None:
    """Say for how many, where it is asked.

    Raises:
        TaskFailed: it is not asked, and they are more than one.
    """
    if number is None:
        return
    seats = page.get_by_role("radio", name=re.compile(rf"^{number} seats?$", re.IGNORECASE))
    with or_fail(f"{number} seats could not be chosen; nothing was booked"):
        if await seats.filter(visible=True).count():
            await radios.choose(seats.first)
        elif number > 1:
            raise TaskFailed("this ride asks for no number of seats; nothing was booked")


async def choose_time(page: Page, when: datetime | None) -> None:
    """Schedule the ride for *when*.

    Raises:
        TaskFailed: the app does not take it.
    """
    if when is None:
        return
    there = when.astimezone().replace(tzinfo=None)
    with or_fail("the app did not take the time of pickup; nothing was booked"):
        await page.get_by_role("button", name=_NOW).first.click()
        dialog = page.locator(_DIALOG).first
        await dialog.locator('input[type="date"]').fill(there.strftime("%Y-%m-%d"))
        await dialog.locator('input[type="time"]').fill(there.strftime("%H:%M"))
        await _finish(dialog)
    await check_time(page, when)


async def check_time(page: Page, when: datetime | None) -> None:
    """See that the ride is for *when*, and no other time.

    Raises:
        TaskFailed: it is for now, or the page does not show that time.
    """
    if when is None:
        return
    there = await page.locator("body").inner_text()
    if await page.get_by_role("button", name=_NOW).count() or not names_time(there, when):
        raise TaskFailed("the app did not take the time of pickup; nothing was booked")


def names_time(text: str, when: datetime) -> bool:
    """Whether *text* names the hour and minute of *when*: `18:30`, `6:30 PM`."""
    there = when.astimezone()
    twelve = there.strftime("%I:%M").lstrip("0")
    written = rf"\b(0?{there.hour}:{there:%M}(?!\d)(?!\s*[AP]M)|{twelve}\s*{there:%p})"
    return re.search(written, text, re.IGNORECASE) is not None


async def _finish(dialog: Locator) -> None:
    await dialog.get_by_role("button", name=_DONE).click()
    await dialog.wait_for(state="hidden")
