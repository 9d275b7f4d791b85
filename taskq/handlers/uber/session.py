"""Whether the app knows us: its login page, its question for humans, its pages for strangers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from taskq.browser.guard import site_of
from taskq.browser.login import is_login_page
from taskq.browser.patience import or_fail
from taskq.errors import TaskFailed
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

_ACCOUNT = "#PHONE_NUMBER_or_EMAIL_ADDRESS"
_HUMAN = (
    '#px-captcha, iframe[src*="arkose" i], iframe[src*="captcha" i], iframe[title*="challenge" i]'
)
_ACTIVITY = re.compile(r"^\W*activity\W*$", re.IGNORECASE)
_LOG_IN = re.compile(r"^\W*log ?in\W*$", re.IGNORECASE)


def activity(page: Page) -> Locator:
    """The way to the trips, which only those see who are logged in."""
    return page.get_by_role("link", name=_ACTIVITY)


async def check(run: Run[Any]) -> str:
    """See that the page that is open belongs to somebody; the address of their trips.

    Raises:
        TaskFailed: it asks who we are, or whether we are human.
    """
    page = run.page
    stranger = page.get_by_role("link", name=_LOG_IN).or_(page.get_by_role("button", name=_LOG_IN))
    asks = page.locator(_ACCOUNT).or_(page.locator(_HUMAN))
    known = activity(page).first
    with or_fail("the app did not show in 30 s whether you are logged in; nothing was booked"):
        await known.or_(asks).or_(stranger).first.wait_for()
    if await page.locator(_HUMAN).count():
        raise TaskFailed(f"Uber asks whether a human is there. Show it once: {log_in(run)}")
    if is_login_page(page.url) or not await known.count():
        raise TaskFailed(f"The login is over. Log in anew: {log_in(run)}")
    there = urljoin(page.url, await known.get_attribute("href") or "")
    if site_of(urlsplit(there).hostname or "") != site_of(urlsplit(page.url).hostname or ""):
        raise TaskFailed("the app does not show where its trips are; nothing was booked")
    return there


def log_in(run: Run[Any]) -> str:
    """The command that makes the login of the task anew."""
    account = run.task.account
    named = f" --account {account}" if account not in {None, "uber"} else ""
    return f"taskq login uber{named}"
