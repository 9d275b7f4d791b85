"""Which process this is, on which boot of which host, and whether another one still lives."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # macOS counts sleep in MONOTONIC


def boot_ms() -> int:
    """Milliseconds since this machine booted, sleep included; no clock change moves it."""
    return int(time.clock_gettime(_CLOCK) * 1000)


def hostname() -> str:
    """The name of this machine, as its workers give it."""
    return socket.gethostname()


@dataclass(frozen=True)
class Process:
    """One process, named so that it can be told from a later one with the same pid."""

    host: str
    boot_id: str
    pid_namespace: str
    pid: int
    pid_started: str

    @classmethod
    def current(cls) -> Process:
        """The process that calls."""
        return cls(
            host=hostname(),
            boot_id=boot_id(),
            pid_namespace=_pid_namespace(),
            pid=os.getpid(),
            pid_started=_started(os.getpid()) or "",
        )

    def is_proven_dead(self) -> bool:
        """Whether this process certainly runs no more; False where that cannot be seen from here.

        It can be seen from the same machine: an earlier boot, or (in the same pid namespace) no
        process of this pid, a later one of this pid, or a zombie that only waits to be reaped. Two
        machines may have the same name.
        """
        if self.host != hostname():
            return False
        if self.boot_id != boot_id():
            machine = _machine(boot_id())
            return machine != "" and machine == _machine(self.boot_id)
        if self.pid_namespace != _pid_namespace():
            return False
        started = _started(self.pid)
        return started is None or started != self.pid_started


@cache
def boot_id() -> str:
    """What tells this boot of the machine from every other; where it is known, `BOOT@MACHINE`."""
    linux = Path("/proc/sys/kernel/random/boot_id")
    if linux.exists():
        machine = Path("/etc/machine-id")
        which = machine.read_text().strip()[:8] if machine.exists() else ""
        return f"{linux.read_text().strip()}@{which}"
    if sys.platform == "darwin":
        asked = ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - a fixed command
    return "unknown"


def _machine(boot: str) -> str:
    return boot.partition("@")[2]


@cache
def _pid_namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """When *pid* began, in the system's own unit; None when it runs no more."""
    if sys.platform.startswith("linux"):
        try:
            # The name in brackets may hold spaces and brackets: what follows the last one counts.
            state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if state in "ZX" else rest[18]
    asked = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    shown = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - a fixed command
    return shown or None
