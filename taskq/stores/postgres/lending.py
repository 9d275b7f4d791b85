"""The connections of one store: one that stays, and more while several ask at once."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from taskq.errors import StoreBusy
from taskq.stores.postgres import faults
from taskq.stores.postgres.address import Address
from taskq.stores.postgres.patient import Connection

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

_MORE = 3
"""Connections beside the first: as many as ask at the same moment, and no browser holds one."""
_IDLE_SECONDS = 60.0


class Lending:
    """Lends a connection for a statement, or a transaction; it belongs to nobody in between.

    A command needs one, and no thread that looks after more.
    """

    def __init__(self, address: Address, patience: float) -> None:
        self.address = address
        self.patience = patience
        self.is_pooled = address.is_pooled
        self._mine = threading.local()
        self._first: Connection | None = None
        self._first_is_free = threading.Lock()
        self._pool: ConnectionPool[Connection] | None = None
        self._making_pool = threading.Lock()

    @contextmanager
    def lent(self, give_up: float) -> Iterator[Connection]:
        """A connection for a moment: this thread's in a transaction, else one that is free."""
        mine: Connection | None = getattr(self._mine, "connection", None)
        if mine is not None:
            yield mine
        elif self._first_is_free.acquire(blocking=False):
            try:
                if self._first is None or self._first.closed:
                    self._first = self.connect(give_up)
                    self._settle_in(self._first)
                yield self._first
            finally:
                self._first_is_free.release()
        else:
            with self._one_more(give_up) as connection:
                yield connection

    def connect(self, give_up: float) -> Connection:
        """A connection of its own; whoever asks closes it.

        Raises:
            StoreBusy: there is none to be had until then.
        """
        while True:
            try:
                connection = Connection.connect(**self.address.parameters, **self._kept)
            except psycopg.Error as error:
                if faults.is_for_good(error) or time.monotonic() > give_up:
                    raise faults.unreachable(self.address.shown, error) from error
            else:
                connection.patience = self.patience
                return connection
            pause()

    def close(self) -> None:
        """Close every connection."""
        if self._pool is not None:
            self._pool.close()
        if self._first is not None:
            self._first.close()

    @property
    def _kept(self) -> dict[str, Any]:
        """How every connection is."""
        return {"autocommit": True, "row_factory": dict_row}

    @contextmanager
    def _one_more(self, give_up: float) -> Iterator[Connection]:
        from psycopg_pool import PoolTimeout

        pool = self._more()
        try:
            connection = pool.getconn(timeout=max(0.1, give_up - time.monotonic()))
        except PoolTimeout as error:
            self.connect(time.monotonic()).close()  # says why there is none
            raise StoreBusy(
                f"All {_MORE + 1} connections to {self.address.shown} are in use. "
                "Try again: taskq doctor"
            ) from error
        try:
            yield connection
        finally:
            with suppress(psycopg.Error):  # closed meanwhile
                pool.putconn(connection)

    def _more(self) -> ConnectionPool[Connection]:
        from psycopg_pool import ConnectionPool

        with self._making_pool:
            if self._pool is None:
                self._pool = ConnectionPool(
                    connection_class=Connection,
                    configure=self._settle_in,
                    kwargs={**self.address.parameters, **self._kept},
                    min_size=0,
                    max_size=_MORE,
                    max_idle=_IDLE_SECONDS,
                    check=ConnectionPool.check_connection if self.is_pooled else None,
                    open=True,
                )
            return self._pool

    def _settle_in(self, connection: Connection) -> None:
        """Behind a pooler what is prepared, and what is told, is in another session."""
        connection.patience = self.patience
        connection.session = connection.info.backend_pid
        if self.is_pooled:
            connection.prepare_threshold = None
            connection.add_notify_handler(_unheard)


def _unheard(_: psycopg.Notify) -> None:
    """Somebody else's session may have listened; what is told here would be kept for ever."""


def pause() -> None:
    """Wait a moment, at random: all who lost the server come back at once."""
    time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - spreads, protects nothing
