"""Hearing that something changed: the server tells, or is asked again and again."""

from __future__ import annotations

import time
from contextlib import suppress

import psycopg

from taskq.stores.postgres.announcer import CHANNEL, Announcer
from taskq.stores.postgres.connection import Connections
from taskq.stores.postgres.patient import Connection

_POLL_EVERY = 0.5
"""Seconds between two looks where nobody tells."""
_PROBE_SECONDS = 2.0
_SNAPSHOT = "select pg_current_snapshot()::text as snapshot"


class Listening:
    """Is told by the server, over a connection that does nothing else."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._connection = self._listen()

    def wait(self, seconds: float) -> bool:
        """Whether a change was told within *seconds*; a lost connection may have missed one."""
        try:
            return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))
        except psycopg.Error:
            self._connection.close()
            self._connection = self._listen()
            return True

    def leave(self) -> None:
        """Listen no more, on a connection that a pooler will give to others."""
        with suppress(psycopg.Error):
            self._connection.execute("unlisten *")
        self.close()

    def close(self) -> None:
        """Listen no more."""
        self._connection.close()

    def _listen(self) -> Connection:
        connection = self._connections.connect(time.monotonic() + self._connections.patience)
        try:
            connection.execute(f"listen {CHANNEL}")
        except psycopg.Error as error:
            connection.close()
            raise self._connections.fault(error) from error
        connection.patience = None  # it waits as long as it is asked to
        return connection


class Polling:
    """Asks again and again which transactions the server has seen."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._seen = self._snapshot()

    def wait(self, seconds: float) -> bool:
        """Whether anything at all was written within *seconds*."""
        until = time.monotonic() + seconds
        while (now := self._snapshot()) == self._seen:
            if (left := until - time.monotonic()) <= 0:
                return False
            time.sleep(min(_POLL_EVERY, left))
        self._seen = now
        return True

    def close(self) -> None:
        """Nothing is kept."""

    def _snapshot(self) -> str:
        return str(self._connections.read(_SNAPSHOT, {})[0]["snapshot"])


class Ears:
    """What a store hears with: it listens, unless a pooler keeps what is told to itself."""

    def __init__(self, connections: Connections, announcer: Announcer) -> None:
        self._connections = connections
        self._announcer = announcer
        self._listens: bool | None = None if connections.is_pooled else True
        self._all: set[Listening | Polling] = set()

    def one_more(self) -> Listening | Polling:
        """An ear for one thread."""
        ear = Listening(self._connections) if self._hears() else Polling(self._connections)
        self._all.add(ear)
        return ear

    def let_go(self, ear: Listening | Polling) -> None:
        """Close one that is not needed any more, and forget it."""
        self._all.discard(ear)
        ear.close()

    def kind(self) -> str:
        """How changes are heard of, in a few words."""
        return "told at once" if self._hears() else f"asked for every {_POLL_EVERY} s (a pooler)"

    def close(self) -> None:
        """Close those that are left."""
        for ear in list(self._all):
            self.let_go(ear)

    def _hears(self) -> bool:
        """Whether a notification comes through; tried once, where a pooler stands between."""
        if self._connections.address.is_pooled or self._connections.is_copy:
            return False
        if self._listens is None:
            ear = Listening(self._connections)
            try:
                self._announcer.changed()
                self._listens = ear.wait(_PROBE_SECONDS)
            finally:
                ear.leave()
        return self._listens
