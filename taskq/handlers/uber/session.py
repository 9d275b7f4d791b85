"""Whether the app knows us: its login page, its question for humans, its pages for strangers."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

from taskq.browser.guard import site_of
from taskq.browser.login import is_login_page
from taskq.browser.patience import or_fail
from taskq.errors import LoggedOut, TaskFailed
from taskq.run import Run

_ACCOUNT = "#PHONE_NUMBER_or_EMAIL_ADDRESS"
_HUMAN = (
    '#px-captcha, iframe[src*="arkose" i], iframe[src*="captcha" i], iframe[title*="challenge" i]'
)
# The way to the trips, which only those see who are logged in.
_ACTIVITY = re.compile(r"^\W*activity\W*$", re.IGNORECASE)
_LOG_IN = re.compile(r"^\W*log ?in\W*$", re.IGNORECASE)
_ANEW_MS = 1_000.0


async def check(run: Run[Any]) -> str:
    """See that the page that is open belongs to somebody; the address of their trips.

    Raises:
        TaskFailed: it asks who we are, or whether we are human.
    """
    from playwright.async_api import Error

    page = run.page
    known = page.get_by_role("link", name=_ACTIVITY).first
    human = page.locator(_HUMAN).first
    stranger = page.get_by_role("link", name=_LOG_IN).or_(page.get_by_role("button", name=_LOG_IN))
    asks = page.locator(_ACCOUNT).or_(human).or_(stranger)
    with or_fail("the app did not show in 30 s whether you are logged in; nothing was booked"):
        await known.or_(asks).first.wait_for()
    if not is_login_page(page.url):
        with suppress(Error):  # what is drawn for strangers may be drawn anew for us
            await known.wait_for(timeout=_ANEW_MS)
    if not await known.is_visible():
        if await human.is_visible():
            raise LoggedOut(f"Uber asks whether a human is there. Show it once: {log_in(run)}")
        raise LoggedOut(f"The login is over. Log in anew: {log_in(run)}")
    there = urljoin(page.url, await known.get_attribute("href") or "")
    if site_of(urlsplit(there).hostname or "") != site_of(urlsplit(page.url).hostname or ""):
        raise TaskFailed("the app does not show where its trips are; nothing was booked")
    return there


def log_in(run: Run[Any]) -> str:
    """The command that makes the login of the task anew."""
    account = run.task.account
    named = f" --account {account}" if account not in {None, "uber"} else ""
    return f"taskq login uber{named}"
