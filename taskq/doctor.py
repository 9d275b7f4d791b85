"""Whether this machine is ready: each check with the command that repairs it."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from taskq import profiles
from taskq.browser.chromium import Chromium
from taskq.browser.install import install
from taskq.errors import NotSetUp
from taskq.settings import Settings, config_dir
from taskq.tasks import opened


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; a *warning* is no failure."""

    name: str
    ok: bool
    said: str
    warning: bool = False


def checks(settings: Settings) -> Iterator[Check]:
    """Look at everything, one after the other."""
    yield Check("Python", ok=True, said=platform.python_version())
    yield _database(settings)
    yield browser(settings)
    yield _profile(settings)


def browser(settings: Settings) -> Check:
    """Launch the browser for real: missing libraries show only then."""
    try:
        return Check("Browser", ok=True, said=asyncio.run(_launched(settings)))
    except NotSetUp as error:
        return Check("Browser", ok=False, said=str(error))


def fix_browser(settings: Settings, say: Callable[[str], None]) -> Check:
    """Install a browser where there is none, and launch it."""
    try:
        install(settings.browser, say)
    except NotSetUp as error:
        return Check("Browser", ok=False, said=str(error))
    return browser(settings)


async def _launched(settings: Settings) -> str:
    chromium = Chromium(settings.browser)
    try:
        async with chromium.page() as page:
            await page.goto("about:blank")
        return f"Chromium {(await chromium.launched()).version}"
    finally:
        await chromium.close()


def _database(settings: Settings) -> Check:
    try:
        with opened(settings) as store:
            store.counts()
    except NotSetUp as error:
        return Check("Database", ok=False, said=str(error))
    return Check("Database", ok=True, said=settings.db)


def _profile(settings: Settings) -> Check:
    try:
        profiles.load(settings.profile, config_dir())
    except NotSetUp as error:
        return Check("Profile", ok=False, said=str(error), warning=True)
    return Check("Profile", ok=True, said=settings.profile)
