"""How a SQLite file is opened, waited for, and complained about."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from taskq.errors import NotSetUp, StoreBusy, StoreFailed
from taskq.stores.sqlite import functions, schema
from taskq.stores.sqlite.place import refuse_network

Row = sqlite3.Row

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = "It is left as it is. Save what can be read: sqlite3 {path} .recover"
_ROOM = 65_536
"""Bytes without which SQLite says of a full disk that it is broken."""
_CHECKPOINT_BYTES = 4_000_000
_LOOK_EVERY = 256
"""Statements between two looks at the size of the write-ahead log."""
_SAID = {
    sqlite3.SQLITE_READONLY: "The database {path} cannot be written, or not beside it. "
    "Allow it: chmod u+w {folder} {path}",
    sqlite3.SQLITE_PERM: "The database {path} may not be opened. Allow it: chmod u+rw {path}",
    sqlite3.SQLITE_FULL: "The disk of the database {path} is full. Make room: df -h {folder}",
    sqlite3.SQLITE_IOERR: "The disk of the database {path} reports an error: df -h {folder}",
    sqlite3.SQLITE_CORRUPT: "The database {path} is corrupt. " + _DAMAGED,
    sqlite3.SQLITE_NOTADB: "The file {path} is not a SQLite database. Name another: --db PATH",
    sqlite3.SQLITE_CANTOPEN: "The database {path} cannot be opened. Name another: --db PATH",
}


class Connections:
    """Two connections for every thread that asks: `durable` and `quick`.

    A commit on the durable one is on the disk before the statement returns. One on the quick one
    survives a killed process but not a power cut, which kills every worker anyway.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self.path = path
        self._patience = patience
        self._mine = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._statements = 0
        refuse_network(path)
        self._make_file()
        try:
            self._upgrade(self.durable())
        except BaseException:
            self.close()
            raise

    def durable(self) -> sqlite3.Connection:
        """This thread's connection for what must not be lost."""
        if not hasattr(self._mine, "durable"):
            self._mine.durable = self.connect("full")
        connection: sqlite3.Connection = self._mine.durable
        return connection

    def quick(self) -> sqlite3.Connection:
        """This thread's connection for what a power cut may take along."""
        if not hasattr(self._mine, "quick"):
            self._mine.quick = self.connect("normal")
        connection: sqlite3.Connection = self._mine.quick
        return connection

    def connect(self, synchronous: str) -> sqlite3.Connection:
        """A connection of its own; `close` ends it with the others."""
        with self.saying():
            connection = sqlite3.connect(
                self.path, timeout=0, isolation_level=None, check_same_thread=False
            )
            self._all.append(connection)
            try:
                self._prepare(connection, synchronous)
            except BaseException:
                self.let_go(connection)
                raise
        return connection

    def _prepare(self, connection: sqlite3.Connection, synchronous: str) -> None:
        connection.row_factory = sqlite3.Row
        functions.register(connection)
        for pragma in (
            f"synchronous = {synchronous}",
            "journal_mode = wal",
            "wal_autocheckpoint = 0",  # see _checkpoint
            "trusted_schema = off",
            "cell_size_check = on",
            "journal_size_limit = 67108864",
        ):
            self._patiently(connection, f"pragma {pragma}", {})

    def let_go(self, connection: sqlite3.Connection) -> None:
        """Close one that `connect` gave, and forget it."""
        self._all.remove(connection)
        connection.close()

    def run(self, connection: sqlite3.Connection, statement: str, **values: Any) -> list[Row]:
        """Run one statement and return its rows, waiting while others hold the lock."""
        with self.saying():
            found = self._patiently(connection, statement, values)
            self._statements += 1
            if self._statements % _LOOK_EVERY == 0 and not connection.in_transaction:
                self._checkpoint()
            return found

    def each(self, statement: str, values: dict[str, Any]) -> Iterator[Row]:
        """The rows of a statement that only reads, each when it is asked for.

        On a connection of its own: what is written meanwhile is another's, and is not seen.
        """
        connection = self.connect("normal")
        try:
            with self.saying():
                yield from connection.execute(statement, values)
        finally:
            self.let_go(connection)

    @contextmanager
    def transaction(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Several statements as one, with the write lock from the beginning."""
        self.run(connection, "begin immediate")
        try:
            yield
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
        self.run(connection, "commit")

    def close(self) -> None:
        """Close every connection of every thread."""
        for connection in self._all:
            connection.close()

    def _patiently(
        self, connection: sqlite3.Connection, statement: str, values: dict[str, Any]
    ) -> list[Row]:
        """Try again every 0.1 to 1 ms, at random: SQLite's own busy handler lets some starve."""
        give_up = time.monotonic() + self._patience
        while True:
            try:
                return connection.execute(statement, values).fetchall()
            except sqlite3.OperationalError as error:
                if code_of(error) not in _BUSY or time.monotonic() > give_up:
                    raise
            time.sleep(random.uniform(0.0001, 0.001))  # noqa: S311 - spreads, protects nothing

    def _checkpoint(self) -> None:
        """Copy a long write-ahead log into the file, with the write lock held meanwhile.

        SQLite before 3.51.3 may damage a file whose log is begun anew by a writer while another
        connection copies it (its "WAL-reset bug"); holding the lock, no writer can. So nothing is
        copied by itself.
        """
        log = Path(f"{self.path}-wal")
        # What has just been written is written, whatever becomes of this: it can wait.
        with suppress(OSError, StoreFailed, sqlite3.Error):
            if log.stat().st_size >= _CHECKPOINT_BYTES:
                with self.transaction(self.durable()):
                    self._patiently(self.quick(), "pragma wal_checkpoint(passive)", {})

    @contextmanager
    def saying(self) -> Iterator[None]:
        """Say what is wrong with the file in a sentence."""
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.IntegrityError):
            raise
        except UnicodeDecodeError as error:
            raise self._damaged() from error
        except sqlite3.Error as error:
            code = code_of(error)
            if code in _BUSY:
                raise StoreBusy(
                    f"The database {self.path} stays locked by another process. "
                    f"See which: fuser -v {self.path}"
                ) from error
            folder = self.path.parent
            if code == sqlite3.SQLITE_IOERR and shutil.disk_usage(folder).free < _ROOM:
                code = sqlite3.SQLITE_FULL
            if code == sqlite3.SQLITE_CANTOPEN and self.path.exists():
                code = sqlite3.SQLITE_READONLY  # of the folder: SQLite writes beside the file
            # Whatever else SQLite complains of, our own statements being sound, is damage.
            said = _SAID.get(code, _SAID[sqlite3.SQLITE_CORRUPT])
            raise StoreFailed(said.format(path=self.path, folder=folder)) from error

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Say of a row that holds no task or worker that it is damaged."""
        try:
            yield
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._damaged() from error

    def check_sound(self) -> None:
        """Look through the whole file for damage.

        Raises:
            StoreFailed: there is some.
        """
        if self.run(self.quick(), "pragma quick_check(1)")[0][0] != "ok":
            raise self._damaged()

    def check_version(self) -> None:
        """Look whether a newer taskq has changed the file meanwhile.

        Raises:
            StoreFailed: it has.
        """
        self._version(self.quick())

    def _damaged(self) -> StoreFailed:
        return StoreFailed(_SAID[sqlite3.SQLITE_CORRUPT].format(path=self.path))

    def _make_file(self) -> None:
        """Make the file before SQLite does: its -wal and -shm inherit the mode 0600."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            if self.path.is_dir():
                raise NotSetUp(f"{self.path} is a folder. Name a file: --db PATH") from None
        except OSError as error:
            raise NotSetUp(
                f"The database {self.path} cannot be made: {error.strerror}. "
                "Name another: --db PATH"
            ) from None

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        """Bring the schema up to date; of several first openers one does, the others wait."""
        if self._version(connection) == schema.VERSION:
            return
        with self.saying(), self.transaction(connection):
            version = self._version(connection)
            if version == 0 and self.run(connection, "select 1 from sqlite_schema limit 1"):
                raise NotSetUp(
                    f"The database {self.path} is another program's. Name another: --db PATH"
                )
            if version < schema.VERSION:
                schema.migrate(connection)

    def _version(self, connection: sqlite3.Connection) -> int:
        version: int = self.run(connection, "pragma user_version")[0][0]
        if version > schema.VERSION:
            raise StoreFailed(
                f"A newer taskq wrote the database {self.path} (schema {version}, this one knows "
                f"{schema.VERSION}). Update this one: pip install --upgrade taskq"
            )
        return version


def code_of(error: sqlite3.Error) -> int:
    """SQLite's primary code; none comes with text that is no UTF-8."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
