"""Whether this machine is ready: each check with the command that repairs it."""

from __future__ import annotations

import asyncio
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from taskq import profiles, sessions
from taskq.browser.chromium import Chromium
from taskq.browser.install import install
from taskq.errors import BadInput, NotSetUp
from taskq.models import Outcome
from taskq.settings import Settings, config_dir, unknown_keys, user_file
from taskq.store import Store
from taskq.tasks import opened
from taskq.tasks.needs import card_state

_LITTLE_ROOM = 1_000_000_000
_NO_ROOM = 50_000_000
"""Bytes below which the disk is nearly full, and too full to keep an order's pictures."""
_AHEAD = timedelta(minutes=5)
"""So far the newest task may be ahead of the clock before the clock is doubted."""


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
    yield _packages()
    yield _settings()
    yield from _database(settings)
    yield from _disk(settings)
    yield browser(settings)
    yield _profile(settings)
    yield _card(settings)
    yield from _logins()


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


def _packages() -> Check:
    """What we are built on; what is optional and not there is a note."""
    there, missing, optional = [], [], []
    for line in _requirements():
        requirement, _, condition = line.partition(";")
        name = next(iter(requirement.replace("<", " ").replace(">", " ").split()))
        extra = condition.partition("extra ==")[2].strip(" '\"")
        try:
            there.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            if extra and extra != "dev":
                optional.append(f"without {name}, which is optional: pip install 'taskq[{extra}]'")
            elif not extra:
                missing.append(name)
    if missing:
        said = f"missing: {', '.join(missing)}. Install them: pip install {' '.join(missing)}"
        return Check("Packages", ok=False, said=said)
    ours = [each for each in there if each.startswith(("playwright ", "pydantic ", "typer "))]
    return Check("Packages", ok=True, said="; ".join(filter(None, [", ".join(ours), *optional])))


def _requirements() -> list[str]:
    try:
        return requires("taskq") or []
    except PackageNotFoundError:  # run from its sources, without an installation
        return []


def _settings() -> Check:
    try:
        unknown = unknown_keys()
    except BadInput as error:
        return Check("Settings", ok=False, said=str(error))
    if unknown:
        said = (
            f"{user_file()} sets what is no setting: {', '.join(unknown)}. See: taskq config show"
        )
        return Check("Settings", ok=False, said=said, warning=True)
    return Check("Settings", ok=True, said=str(user_file()))


def _database(settings: Settings) -> Iterator[Check]:
    try:
        with opened(settings) as store:
            facts = ", ".join(f"{name} {fact}" for name, fact in store.examine().items())
            yield Check("Database", ok=True, said=f"{settings.shown_db} ({facts})")
            yield from _workers(store)
            yield _clock(store)
            yield from _waiting(store, settings)
    except NotSetUp as error:
        yield Check("Database", ok=False, said=str(error))


def _workers(store: Store) -> Iterator[Check]:
    workers = store.workers()
    for worker in workers:
        if not worker.alive:
            at = f"{worker.seen_at.astimezone():%Y-%m-%d %H:%M:%S}"
            process = f"pid {worker.process.pid} on {worker.process.host}"
            said = f"{worker.name} ({process}) is silent since {at}. Start another: taskq work"
            yield Check("Worker", ok=False, said=said, warning=True)
    living = [worker.name for worker in workers if worker.alive]
    if living:
        yield Check("Workers", ok=True, said=", ".join(living))
    else:
        said = "none is running. Start one: taskq work --id 1"
        yield Check("Workers", ok=False, said=said, warning=True)


def _clock(store: Store) -> Check:
    """A clock that was set back shows by tasks that come from the future."""
    now, newest = datetime.now(UTC), store.list(limit=1)
    if newest and newest[0].created_at > now + _AHEAD:
        of = f"task {newest[0].id} was submitted at {newest[0].created_at:%Y-%m-%d %H:%M} UTC"
        said = f"it is behind: {of}. Set it: timedatectl set-ntp true"
        return Check("Clock", ok=False, said=said, warning=True)
    return Check("Clock", ok=True, said=f"{now.astimezone():%Y-%m-%d %H:%M:%S %Z}")


def _waiting(store: Store, settings: Settings) -> Iterator[Check]:
    """What waits for a person, or for a worker to write it down."""
    if unknown := store.counts().get(Outcome.UNKNOWN, 0):
        said = f"{unknown} need it. See which: taskq list --outcome unknown"
        yield Check("Review", ok=False, said=said, warning=True)
    if kept := len(list(settings.outbox.glob("*.json"))):
        said = f"{kept} ends wait in {settings.outbox}. Write them: taskq work --drain"
        yield Check("Outbox", ok=False, said=said, warning=True)


def _disk(settings: Settings) -> Iterator[Check]:
    folders = {_present(settings.data_dir)}
    if settings.file is not None:
        folders.add(_present(settings.file.parent))
    devices = {folder.stat().st_dev: folder for folder in sorted(folders)}
    for folder in devices.values():
        free = shutil.disk_usage(folder).free
        said = f"{free / 1e9:.1f} GB free at {folder}"
        if free < _LITTLE_ROOM:
            said += ". Make room: taskq prune --older 30d"
        yield Check("Disk", ok=free >= _LITTLE_ROOM, said=said, warning=free >= _NO_ROOM)


def _present(folder: Path) -> Path:
    """*folder*, or what is there of the way to it."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())


def _profile(settings: Settings) -> Check:
    try:
        profiles.load(settings.profile, config_dir())
    except NotSetUp as error:
        return Check("Profile", ok=False, said=str(error), warning=True)
    return Check("Profile", ok=True, said=settings.profile)


def _card(settings: Settings) -> Check:
    state = card_state(settings.profile, settings)
    if state.startswith("••••"):
        return Check("Card", ok=True, said=state)
    said = f"none. Keep one: taskq profile card {settings.profile}" if state == "none" else state
    return Check("Card", ok=False, said=said, warning=True)


def _logins() -> Iterator[Check]:
    for name in sessions.names(config_dir()):
        try:
            login = sessions.load(name, config_dir())
        except (NotSetUp, BadInput) as error:
            yield Check("Login", ok=False, said=str(error), warning=True)
        else:
            said = f"{name} at {login.url}. Look whether it still is: taskq login {name} --check"
            yield Check("Login", ok=True, said=said)
