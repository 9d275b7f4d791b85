"""Postgres as the verbs know a database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TypeVar

from psycopg.rows import DictRow

from taskq.errors import StoreFailed
from taskq.models import Task, Worker
from taskq.stores.postgres import rows, statements
from taskq.stores.postgres.announcer import Announcer
from taskq.stores.postgres.connection import Connections
from taskq.stores.verbs import AnswerLost, Statements
from taskq.stores.verbs.text import harmless

T = TypeVar("T")
_LOOK = 'Look at it: taskq sql "select * from tasks"'


class PostgresEngine:
    """One server. Its clock is the only one: no host's own has a say."""

    def __init__(
        self, connections: Connections, announcer: Announcer, lease_seconds: float
    ) -> None:
        self._connections = connections
        self._announcer = announcer
        self.sql: Statements = statements.of(connections.home, lease_seconds)

    def read(self, statement: str, **values: Any) -> Sequence[DictRow]:
        """See `Engine.read`."""
        return self._connections.read(statement, _storable(values))

    def quickly(self, statement: str, **values: Any) -> Sequence[DictRow]:
        """See `Engine.quickly`: the statement itself says what a power cut may take along."""
        found = self._connections.run(statement, _storable(harmless(values)))
        self._announcer.changed()
        return found

    durably = quickly

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Engine.transaction`."""
        with self._connections.transaction():
            yield
        self._announcer.changed()

    def surely(self, write: Callable[[], T], landed: Callable[[], T | None]) -> T:
        """See `Engine.surely`."""
        try:
            return write()
        except AnswerLost:
            if self._connections.in_transaction:
                raise
        try:
            return self._looked_after(write, landed)
        except StoreFailed as error:
            with suppress(StoreFailed):  # what waits for a lock there would be done when it is gone
                self._connections.settle()
            raise self._connections.in_doubt() from error

    def _looked_after(self, write: Callable[[], T], landed: Callable[[], T | None]) -> T:
        """`surely`, after an answer was lost."""
        give_up = time.monotonic() + self._connections.patience
        while True:
            self._connections.settle()
            found = landed()
            if found is not None:
                self._announcer.changed()
                return found
            try:
                return write()
            except AnswerLost:
                if time.monotonic() > give_up:
                    raise

    def each(self, statement: str, values: Mapping[str, Any]) -> Iterator[DictRow]:
        """See `Engine.each`."""
        with self._connections.each(statement, values) as found:
            yield from found

    def check_sound(self) -> None:
        """See `Engine.check_sound`: a server looks after its own files."""

    def check_version(self) -> None:
        """See `Engine.check_version`."""
        self._connections.check_version()

    def task(self, row: DictRow) -> Task:
        """See `Engine.task`; a row that holds none is damage, and said to be."""
        try:
            return rows.task(row)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            shown = self._connections.address.shown
            raise StoreFailed(
                f"Task {row['id']} in the database {shown} is damaged: {error}. {_LOOK}"
            ) from error

    def worker(self, row: DictRow) -> Worker:
        """See `Engine.worker`."""
        return rows.worker(row)

    def moment(self, at: datetime) -> datetime:
        """See `Engine.moment`."""
        return at


def _storable(values: dict[str, Any]) -> dict[str, Any]:
    """*values* without what no text of Postgres holds: a NUL, and half a character."""
    for name, value in values.items():
        if isinstance(value, str) and not (value.isascii() and "\0" not in value):
            values[name] = value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return values
