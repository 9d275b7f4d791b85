"""Hosts on one machine: each with a network, a name and processes of its own.

All that is shared is a wire to the database's server, which can be cut.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

_NETWORK = 0x40000000  # CLONE_NEWNET
_numbers = count(os.getpid() * 3)


def are_possible() -> bool:
    """Whether this machine lets us make one: root alone is not enough in every container."""
    tried = subprocess.run(
        ["unshare", "--net", "--uts", "--pid", "--fork", "--mount-proc", "true"],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


class Host:
    """A host called *name*; the server is at `server` for those on it."""

    def __init__(self, name: str) -> None:
        number = next(_numbers) % 65536  # in the range that is kept for such trials
        network = f"198.{18 + number % 2}.{number // 2 % 256}"
        self.name = name
        self.server = f"{network}.1"
        self._space = f"taskq-{os.getpid()}-{name}"
        self._wire = f"tq{number}"
        _ip("netns", "add", self._space)
        _ip("link", "add", self._wire, "type", "veth", "peer", "eth0", "netns", self._space)
        _ip("addr", "add", f"{self.server}/24", "dev", self._wire)
        _ip("link", "set", self._wire, "up")
        for setting in (
            ("addr", "add", f"{network}.2/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", self._space, *setting)

    @property
    def through(self) -> list[str]:
        """What a command is started with to run on this host."""
        apart = ["unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        named = ["sh", "-c", f'hostname {self.name}; "$@"; exit $?', "sh"]
        return ["ip", "netns", "exec", self._space, *apart, *named]

    def cut(self) -> None:
        """Nothing passes between this host and the server any more, and nobody is told."""
        _ip("link", "set", self._wire, "down")

    def mend(self) -> None:
        _ip("link", "set", self._wire, "up")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """What opens a port meanwhile, opens it on this host, and serves it from there."""
        libc = ctypes.CDLL(None, use_errno=True)
        with (
            Path("/proc/thread-self/ns/net").open() as outside,
            Path(f"/var/run/netns/{self._space}").open() as space,
        ):
            assert libc.setns(space.fileno(), _NETWORK) == 0
            try:
                yield
            finally:
                assert libc.setns(outside.fileno(), _NETWORK) == 0

    def close(self) -> None:
        """Nothing is left of it but what still runs on it."""
        subprocess.run(["ip", "link", "del", self._wire], capture_output=True, check=False)
        _ip("netns", "del", self._space)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
