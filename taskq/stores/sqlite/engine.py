"""SQLite as the verbs know a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, TypeVar

from taskq.models import Task, Worker
from taskq.process import boot_id, boot_ms
from taskq.stores.sqlite import rows, schema, statements
from taskq.stores.sqlite.connection import Connections, Row
from taskq.stores.verbs import Statements
from taskq.stores.verbs.text import harmless

T = TypeVar("T")


class SqliteEngine:
    """One file. Its clock for leases is the machine's time since boot."""

    sql: Statements = statements

    def __init__(self, connections: Connections, lease_seconds: float) -> None:
        self._connections = connections
        self._lease_ms = int(lease_seconds * 1000)

    def read(self, statement: str, **values: Any) -> Sequence[Row]:
        """See `Engine.read`."""
        durable = self._connections.durable()
        # What a transaction has written is seen by no other connection.
        return self._run(
            durable if durable.in_transaction else self._connections.quick(), statement, values
        )

    def quickly(self, statement: str, **values: Any) -> Sequence[Row]:
        """See `Engine.quickly`."""
        return self._run(self._connections.quick(), statement, values)

    def durably(self, statement: str, **values: Any) -> Sequence[Row]:
        """See `Engine.durably`."""
        return self._run(self._connections.durable(), statement, values)

    def transaction(self) -> AbstractContextManager[None]:
        """See `Engine.transaction`."""
        return self._connections.transaction(self._connections.durable())

    def surely(self, write: Callable[[], T], landed: Callable[[], T | None]) -> T:  # noqa: ARG002
        """See `Engine.surely`: no answer of a file is ever lost."""
        return write()

    def each(self, statement: str, values: Mapping[str, Any]) -> Iterator[Row]:
        """See `Engine.each`."""
        return self._connections.each(statement, dict(values))

    def check_sound(self) -> None:
        """See `Engine.check_sound`."""
        self._connections.check_sound()

    def check_version(self) -> None:
        """See `Engine.check_version`."""
        self._connections.check_version()

    def task(self, row: Row) -> Task:
        """See `Engine.task`; a row that holds none is damage, and said to be."""
        with self._connections.reading():
            return rows.task(row)

    def worker(self, row: Row) -> Worker:
        """See `Engine.worker`."""
        with self._connections.reading():
            return rows.worker(row)

    def moment(self, at: datetime) -> str:
        """See `Engine.moment`."""
        return rows.stamp(at)

    def _run(
        self, connection: sqlite3.Connection, statement: str, values: dict[str, Any]
    ) -> Sequence[Row]:
        moment = boot_ms()
        ours = {
            "now": rows.now(),
            "this_boot": boot_id(),
            "boot_ms": moment,
            "lease": moment + self._lease_ms,
            "schema": schema.VERSION,
        }
        return self._connections.run(connection, statement, **harmless(values), **ours)
