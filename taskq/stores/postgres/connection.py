"""What is asked of a Postgres: waited for, asked again, and never believed done unseen."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow

from taskq.errors import StoreFailed, TaskqError
from taskq.stores.postgres import faults
from taskq.stores.postgres.address import Address
from taskq.stores.postgres.lending import Lending, pause
from taskq.stores.tables import VERSION
from taskq.stores.verbs import AnswerLost

logging.getLogger("psycopg").addHandler(logging.NullHandler())  # what it complains of, we say

_AT_A_TIME = 500
"""Rows fetched at once of a list that may be very long."""
_AFTER_A_LOSS = 0.3
"""Seconds after which a statement of ours, which takes milliseconds, is done or undone."""
_OPENED = """
select pg_backend_pid() as pid, pg_is_in_recovery() as is_copy, version, home,
  current_setting('DateStyle') as dates, current_setting('server_encoding') as encoding
from taskq.migrations order by version desc limit 1
"""
_ENDED = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where pid = %(session)s and application_name = 'taskq' and usename = current_user
"""
_ALONE = """
select set_config('lock_timeout', %(patience)s, true),
  set_config('idle_in_transaction_session_timeout', '60s', true),
  pg_advisory_xact_lock(7443, 0)
"""
"""Whoever vanishes in the middle of a transaction holds the others up for a minute, no longer."""


class Connections(Lending):
    """One store's way to its server: each statement is its own transaction."""

    def __init__(self, address: Address, patience: float) -> None:
        super().__init__(address, patience)
        self.is_copy = False
        self.home = "public"
        self.place = ""
        self._open()

    def run(
        self, statement: str, values: Mapping[str, Any], *, anew: bool = False
    ) -> Sequence[DictRow]:
        """Run one statement and return its rows; wait while the server is away.

        It is prepared, unless it is to be planned *anew* for its values.

        Raises:
            AnswerLost: the connection broke on the way: perhaps it is done.
            StoreFailed: it cannot be done.
        """
        give_up = time.monotonic() + self.patience
        while True:
            with self.lent(give_up) as connection:
                try:
                    if anew:
                        cursor = connection.execute(statement, values, prepare=False)
                    else:
                        cursor = connection.cursor_of(statement).execute(statement, values)
                    # `description` would make an object of every column.
                    has_rows = cursor.pgresult is not None and cursor.pgresult.nfields > 0
                    return cursor.fetchall() if has_rows else []
                except psycopg.Error as error:
                    # The lock that a transaction took is gone with it: all of it is done anew.
                    is_alone = self.in_transaction
                    if faults.is_loss(error, connection) or (
                        is_alone and faults.may_be_tried_again(error)
                    ):
                        raise self._lost(error, connection.session) from error
                    if not faults.may_be_tried_again(error) or time.monotonic() > give_up:
                        raise self.fault(error) from error
            pause()

    def read(self, statement: str, values: Mapping[str, Any]) -> Sequence[DictRow]:
        """`run` what only reads, which may be asked again.

        Each is planned for its values: which index is best depends on what is asked for.
        """
        give_up = time.monotonic() + self.patience
        while True:
            try:
                return self.run(statement, values, anew=True)
            except AnswerLost:
                if self.in_transaction or time.monotonic() > give_up:
                    raise
            pause()

    def settle(self) -> None:
        """End what this thread's lost connection may still be doing: what is seen then, is so."""
        if self.is_pooled:
            time.sleep(_AFTER_A_LOSS)  # whose session it was, only the pooler knows
        else:
            self.read(_ENDED, {"session": getattr(self._mine, "lost", 0)})

    @contextmanager
    def each(self, statement: str, values: Mapping[str, Any]) -> Iterator[Iterator[DictRow]]:
        """The rows of one statement that only reads, fetched as they are asked for."""
        with self.lent(time.monotonic() + self.patience) as connection:
            try:
                with connection.transaction(), connection.cursor(name="taskq") as cursor:
                    cursor.itersize = _AT_A_TIME
                    yield iter(cursor.execute(statement, values))
            except psycopg.Error as error:
                raise self.fault(error) from error

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is in the middle of one."""
        return getattr(self._mine, "connection", None) is not None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Several statements of this thread as one, after those of anybody else."""
        with self.lent(time.monotonic() + self.patience) as connection:
            self._mine.connection = connection
            try:
                with connection.transaction():
                    connection.execute(_ALONE, {"patience": f"{self.patience * 1000:.0f}ms"})
                    yield
            except psycopg.Error as error:
                if faults.is_loss(error, connection) or faults.may_be_tried_again(error):
                    raise self._lost(error, connection.session) from error
                raise self.fault(error) from error
            finally:
                self._mine.connection = None

    def fault(self, error: psycopg.Error) -> TaskqError:
        """What *error* means, as a sentence."""
        return faults.explained(self.address.shown, error)

    def check_version(self) -> None:
        """Look whether a newer taskq has changed the database meanwhile.

        Raises:
            StoreFailed: it has.
        """
        self._version()

    def _open(self) -> None:
        # Who asks by hand is told soon that there is no server; who has begun waits for it.
        with self.lent(time.monotonic() + min(self.patience, 2.0)):
            pass
        try:
            row = self._version()
            # A pooler answers with another session's number than the one it greeted us with.
            with self.lent(time.monotonic()) as connection:
                where = connection.info
                self.place = f"{where.host}:{where.port}/{where.dbname}"
                self.is_pooled = self.is_pooled or connection.session != row["pid"]
        except BaseException:
            self.close()
            raise
        self.home, self.is_copy = row["home"], row["is_copy"]
        if self._first is not None:
            self._settle_in(self._first)

    def _version(self) -> DictRow:
        found = self.read(_OPENED, {})
        if not found:
            raise faults.hidden(self.address.shown)
        faults.check_formats(self.address.shown, found[0]["dates"], found[0]["encoding"])
        version = found[0]["version"]
        if version > VERSION:
            raise StoreFailed(
                f"A newer taskq made the tables of {self.address.shown} (schema {version}, this "
                f"one knows {VERSION}). Update this one: pip install --upgrade taskq"
            )
        if version < VERSION:
            raise faults.outdated(self.address.shown)
        return found[0]

    def in_doubt(self) -> AnswerLost:
        """What is said where nobody knows any more whether something was written."""
        return AnswerLost(
            f"The connection to the database {self.address.shown} broke, and whether it was "
            "written is not known. Look before you ask again: taskq list"
        )

    def _lost(self, error: psycopg.Error, session: int) -> AnswerLost:
        self._mine.lost = session
        shown = self.address.shown
        return AnswerLost(
            f"The connection to the database {shown} broke: {faults.said(error)}. "
            "Look again: taskq doctor"
        )
