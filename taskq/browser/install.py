"""Getting a Chromium where there is none: Playwright's download, else Debian's package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from taskq.browser.find import Found, find
from taskq.errors import NotSetUp

_DOWNLOAD_SECONDS = 300
_APT_SECONDS = 900


def install(wanted: str | None, say: Callable[[str], None]) -> Found:
    """The browser there is, or one that is installed now; *say* tells what is being tried.

    Raises:
        NotSetUp: none could be had; the reason of every way that was tried.
    """
    try:
        return find(wanted)
    except NotSetUp:
        if wanted:
            raise
    failures = []
    for title, commands, seconds in _ways():
        say(f"{title}…")
        failure = _failure(commands, seconds)
        if failure is None:
            return find(wanted)
        failures.append(f"{title}: {failure}")
    raise NotSetUp("No browser could be installed. " + "; ".join(failures))


def _ways() -> Iterator[tuple[str, list[list[str]], int]]:
    download = [sys.executable, "-m", "playwright", "install", "chromium"]
    yield "Downloading Chromium", [download], _DOWNLOAD_SECONDS
    debian = "ID=debian" in _os_release() and shutil.which("apt-get")
    if debian and os.geteuid() == 0:
        apt = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        both = [["apt-get", "update"], [*apt, "chromium-headless-shell"]]
        yield "Installing Debian's chromium", both, _APT_SECONDS
        yield "Installing Debian's chromium alone", [apt], _APT_SECONDS


def _failure(commands: list[list[str]], seconds: int) -> str | None:
    """Run *commands* one after the other; the last line of the first that fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in commands:
        try:
            done = subprocess.run(  # noqa: S603 - fixed commands
                command,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
                env=environment,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            return f"took longer than {seconds} s"
        if done.returncode != 0:
            lines = (done.stderr or done.stdout).strip().splitlines()
            return lines[-1].strip() if lines else f"ended with {done.returncode}"
    return None


def _os_release() -> str:
    file = Path("/etc/os-release")
    return file.read_text() if file.exists() else ""
