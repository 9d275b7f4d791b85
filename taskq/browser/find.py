"""Which Chromium to use: something present beats a download."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from taskq.errors import NotSetUp

_CHANNELS = {"chrome", "chrome-beta", "msedge", "msedge-beta", "chromium"}
# Without a window the shell does the same for a third of the processor time: it draws no
# browser around the page. It is what Playwright's own build uses as well.
_SHELL = "chromium-headless-shell"
_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
_MAC_APPS = ("Google Chrome", "Chromium", "Microsoft Edge")

NO_BROWSER = """No browser found. Any one of these repairs it:
    taskq doctor --fix                    (downloads Chromium)
    apt-get install chromium              (Debian, as root)
    export TASKQ_BROWSER=/path/to/chrome  (one that you have)"""


@dataclass(frozen=True)
class Found:
    """A browser Playwright can launch: by *path*, by *channel*, or (neither) its own build."""

    path: str | None = None
    channel: str | None = None

    def __str__(self) -> str:
        return self.path or self.channel or "Playwright's Chromium"


def find(wanted: str | None, *, headed: bool = False) -> Found:
    """The browser to use; *wanted* is a path or a channel (TASKQ_BROWSER), *headed* with a window.

    Raises:
        NotSetUp: there is none.
    """
    if wanted:
        return _named(wanted)
    if _playwright_build():
        return Found()
    for command in _COMMANDS if headed else (_SHELL, *_COMMANDS):
        if path := shutil.which(command):
            return Found(path=path)
    for app in _MAC_APPS if sys.platform == "darwin" else ():
        binary = Path(f"/Applications/{app}.app/Contents/MacOS/{app}")
        if binary.exists():
            return Found(path=str(binary))
    raise NotSetUp(NO_BROWSER)


def _named(wanted: str) -> Found:
    if wanted in _CHANNELS:
        return Found(channel=wanted)
    if path := shutil.which(str(Path(wanted).expanduser())):
        return Found(path=path)
    raise NotSetUp(
        f"TASKQ_BROWSER names no browser: {wanted}. Let taskq find one: unset TASKQ_BROWSER"
    )


def _playwright_build() -> bool:
    """Whether the build this Playwright wants is there, told without starting its driver."""
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return False
    listed = Path(spec.origin).parent / "driver" / "package" / "browsers.json"
    revision = next(
        browser["revision"]
        for browser in json.loads(listed.read_text())["browsers"]
        if browser["name"] == "chromium"
    )
    return any(
        (folder / f"chromium-{revision}" / "INSTALLATION_COMPLETE").exists()
        for folder in _build_folders()
    )


def _build_folders() -> list[Path]:
    if chosen := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return [Path(chosen)]
    home = Path.home()
    return [home / ".cache" / "ms-playwright", home / "Library" / "Caches" / "ms-playwright"]
