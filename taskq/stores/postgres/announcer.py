"""Telling the other hosts that something changed: rarely, and never as data."""

from __future__ import annotations

import atexit
import threading
import time

from taskq.errors import StoreFailed
from taskq.stores.postgres import moments
from taskq.stores.postgres.connection import Connections

CHANNEL = "taskq"
_EVERY = 0.03
"""Seconds between two notifications of one host. Each takes a lock of the whole server while it
commits, so they are statements of their own, and many changes are one."""
_AT_FIRST = 0.003
"""Seconds after the first change, in which a command that has made only this one is over."""
_SILENT = 0.1
"""Seconds without a look, after which whoever told is not relied on any more."""
_QUIET = 0.2
"""Seconds without a change, after which nobody looks any more."""
_ANNOUNCE = f"select set_config('synchronous_commit', 'off', true), pg_notify('{CHANNEL}', '')"
_SECOND = 1_000_000_000


class Announcer:
    """Sends a notification soon after a change; one that gets lost is made up for by polling.

    A notification says nothing but that something changed, so one store of a host tells for all of
    them: the first that found nobody doing so. Every other only notes the moment of its write.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._moments = moments.shared(connections.place)
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def changed(self) -> None:
        """Something was written."""
        if self._connections.in_transaction:
            return  # nobody sees it yet
        self._moments.written = now = time.monotonic_ns()
        if self._is_silent(now):
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
        while self._wake.is_set() or not self._closed.is_set():
            self._wake.wait()
            self._wake.clear()
            self._closed.wait(_AT_FIRST)
            self._tell_for_all()

    def _tell_for_all(self) -> None:
        """Tell what anybody here writes, until nobody does for a while, or another tells."""
        mine = last = 0
        is_heard = True
        while self._moments.looked == mine or self._is_silent(time.monotonic_ns()):
            self._moments.looked = mine = now = time.monotonic_ns()
            last = last or now
            if self._has_more(now) and now - self._moments.told >= _EVERY * _SECOND:
                is_heard = self._tell(now)
                last = now
            if self._closed.wait(_EVERY) or now - last > _QUIET * _SECOND:
                # First nobody is relied on, then comes the last look.
                self._moments.looked = 0
                if is_heard and self._has_more(now := time.monotonic_ns()):
                    self._tell(now)
                return

    def _is_silent(self, now: int) -> bool:
        """Whether nobody on this host looks what there is to tell."""
        return not 0 <= now - self._moments.looked <= _SILENT * _SECOND

    def _has_more(self, now: int) -> bool:
        return not self._moments.written <= self._moments.told <= now

    def _tell(self, now: int) -> bool:
        """Whether the server has heard it; what it has not stays to be told."""
        before, self._moments.told = self._moments.told, now
        try:
            self._connections.run(_ANNOUNCE, {})
        except StoreFailed:
            self._moments.told = before
            return False
        return True
