"""Saved logins: made at a window, brought from elsewhere, checked; never under a running task."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from taskq import registry, sessions
from taskq.browser import login as browser
from taskq.browser.chromium import Chromium
from taskq.errors import BadInput, NotSetUp, WrongMoment
from taskq.sessions import Login
from taskq.settings import Settings, config_dir, load
from taskq.store import Store


def refuse_busy(store: Store, name: str) -> None:
    """See that no running task uses the login *name*: it would keep what it has over ours.

    Raises:
        WrongMoment: one does.
    """
    if holder := store.holder(name):
        raise WrongMoment(
            f"Login {name!r} is in use by task {holder.id}. Wait for its end: "
            f"taskq watch {holder.id}"
        )


def where(name: str, url: str | None) -> str:
    """Where the login *name* is made: at *url*, else at its type's address, else as before.

    Raises:
        BadInput: neither is known, or *name* or *url* cannot be used.
    """
    is_known = sessions.exists(name, config_dir())
    if url is not None:
        return sessions.address(url)
    if known := address_of(name, load()):
        return known
    if is_known:
        return sessions.load(name, config_dir()).url
    raise BadInput(f"Where? There is no login {name!r} yet: taskq login {name} --url URL")


def address_of(site: str, settings: Settings) -> str | None:
    """Where one logs in for the task type called *site*, if its tasks are done with a login."""
    for handler in registry.handlers().values():
        if handler.name == site and handler.login_url:
            return handler.login_url(settings)
    return None


async def log_in(
    store: Store, settings: Settings, name: str, url: str, done: asyncio.Event
) -> tuple[Path, bool]:
    """Let a person log in at a window; where it is kept, and whether it looks done.

    Raises:
        NotSetUp: the browser does not start, or was gone too early.
        WrongMoment: a running task uses this login.
    """
    refuse_busy(store, name)
    try:
        state = sessions.load(name, config_dir()).state
    except NotSetUp:  # the first time, or a damaged one
        state = None
    async with _chromium(settings, headed=True) as chromium:
        state, landed = await browser.at_a_window(chromium, url, state, done)
    path = keep(store, Login(name, _home(url, landed), state))
    return path, not browser.is_login_page(landed)


async def check(store: Store, settings: Settings, login: Login) -> bool:
    """Whether *login* still is logged in; if so, what the site renewed by it is kept.

    Raises:
        NotSetUp: the browser does not start, or the site does not answer.
        WrongMoment: a running task uses this login.
    """
    refuse_busy(store, login.name)
    async with _chromium(settings) as chromium, chromium.page(login.state) as page:
        is_in = await browser.is_logged_in(page, login.url)
        state = await browser.state_of(page)
    if is_in:
        sessions.renew(login, state, config_dir())
    return is_in


def keep(store: Store, login: Login) -> Path:
    """Keep *login*, in place of an older one; the path of its file.

    Raises:
        WrongMoment: a running task uses it.
    """
    refuse_busy(store, login.name)
    return sessions.save(login, config_dir())


def of_file(name: str, url: str, content: bytes) -> Login:
    """The login that another browser, or another machine, has exported.

    Raises:
        BadInput: it has not.
    """
    return Login(name, url, sessions.parse(content))


def all_kept() -> list[Mapping[str, Any]]:
    """Every login of this machine: its name and where it was made."""
    return [{"name": name, "url": _url(name)} for name in sessions.names(config_dir())]


def _url(name: str) -> str:
    try:
        return sessions.load(name, config_dir()).url
    except NotSetUp as error:
        return str(error)


def _home(asked: str, landed: str) -> str:
    """The address that tells whether one is logged in: no login page, if we were at another."""
    parts = urlsplit(landed)
    bare = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if not browser.is_login_page(asked) or browser.is_login_page(landed):
        return asked
    try:
        return sessions.address(bare)
    except BadInput:
        return asked


@asynccontextmanager
async def _chromium(settings: Settings, *, headed: bool = False) -> AsyncIterator[Chromium]:
    chromium = Chromium(settings.browser, headed=headed or settings.headed)
    try:
        yield chromium
    finally:
        await chromium.close()
