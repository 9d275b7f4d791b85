"""Telling the other hosts that something changed: rarely, and never as data."""

from __future__ import annotations

import atexit
import hashlib
import os
import stat
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from taskq.errors import StoreFailed
from taskq.stores.postgres.connection import Connections

CHANNEL = "taskq"
_EVERY = 0.03
"""Seconds between two notifications of one host. Each takes a lock of the whole server while it
commits, so they are statements of their own, and many changes are one."""
_AT_FIRST = 0.003
"""Seconds after the first change, in which a command that has made only this one is over."""
_ANNOUNCE = f"select set_config('synchronous_commit', 'off', true), pg_notify('{CHANNEL}', '')"


class Announcer:
    """Sends a notification soon after a change; one that gets lost is made up for by polling."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._host = _Host(connections.address.shown)
        self._written = 0
        self._told = 0
        self._is_idle = True
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def changed(self) -> None:
        """Something was written."""
        if self._connections.in_transaction:
            return  # nobody sees it yet
        self._written = time.monotonic_ns()
        if self._is_idle:
            self._wake.set()
        if self._thread is None:
            with self._starting:
                self._thread = self._thread or self._started()

    def close(self) -> None:
        """Announce what is left."""
        atexit.unregister(self.close)
        self._closed.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _started(self) -> threading.Thread:
        thread = threading.Thread(target=self._announce_all, name="announcer", daemon=True)
        thread.start()
        atexit.register(self.close)  # who forgets to close has all the same written something
        return thread

    def _announce_all(self) -> None:
        while not self._closed.is_set() or self._told != self._written:
            self._is_idle = True
            if self._told == self._written:
                self._wake.wait()
            self._is_idle = False
            self._wake.clear()
            self._closed.wait(_AT_FIRST)
            written, self._told = self._written, self._written
            if self._is_ours_to_tell(written):
                with suppress(StoreFailed):
                    self._connections.run(_ANNOUNCE, {})

    def _is_ours_to_tell(self, written: int) -> bool:
        """Wait until this host may tell again; whether nobody on it has told of that write yet."""
        while (told := self._host.told()) <= written:
            wait = _EVERY - (time.monotonic_ns() - told) / 1e9
            if wait <= 0 or self._closed.is_set():
                self._host.tells()
                return True
            self._closed.wait(wait)
        return False


class _Host:
    """What the stores of this host know of each other: when one of them told the server last.

    A notification says nothing but that something changed, so one that was sent after a write is
    that write's too. The time is that of a file; without one everybody tells for themselves.
    """

    def __init__(self, database: str) -> None:
        which = hashlib.sha256(database.encode()).hexdigest()[:12]
        self._path = Path(tempfile.gettempdir()) / f"taskq-{os.getuid()}" / which

    def told(self) -> int:
        """The moment, in nanoseconds since the boot; 0 where it is not known."""
        try:
            there = self._path.lstat()
        except OSError:
            return 0
        is_ours = stat.S_ISREG(there.st_mode) and there.st_uid == os.getuid()
        # After another boot it may lie ahead.
        return there.st_mtime_ns if is_ours and there.st_mtime_ns <= time.monotonic_ns() else 0

    def tells(self) -> None:
        """It does so now."""
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            file = os.open(self._path, os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                now = time.monotonic_ns()
                os.utime(file, ns=(now, now))
            finally:
                os.close(file)
