"""What the verbs need of a database: few words, which SQLite and Postgres both speak."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol, TypeVar

from taskq.errors import StoreBusy
from taskq.models import Task, Worker

T = TypeVar("T")
Row = Any
"""One row: its columns by their names."""


class AnswerLost(StoreBusy):
    """The connection broke before the answer came: whether it was written is not known."""


class Statements(Protocol):
    """The statements of an engine, by the name of their verb."""

    SUBMIT: str
    TWIN: str
    BY_KEY: str
    CLAIM: str
    STEP: str
    COUNT: str
    NOTE: str
    INTENT: str
    WITHDRAW: str
    BEAT: str
    SEEN: str
    END: str
    CONFLICT: str
    RELEASE: str
    REAP: str
    TAKE: str
    CANCEL: str
    RETRY: str
    RESOLVE: str
    PRUNABLE: str
    PRUNE: str
    GET: str
    FIND: str
    LIST: str
    EVERY: str
    HOLDER: str
    HELD: str
    COUNTS: str
    PROGRESS_SINCE: str
    HISTORY: str
    WORKERS: str
    ENLIST: str
    LEAVE: str
    VOID: str


class Engine(Protocol):
    """One database, safe to ask from several threads.

    Values are text, numbers and None; what is more is JSON, as `dumped` writes it. The engine adds
    what only it knows to every statement: the time, and how long a lease is.
    """

    sql: Statements

    def read(self, statement: str, **values: Any) -> Sequence[Row]:
        """What a statement that only reads gives; inside a transaction it sees what that wrote."""

    def quickly(self, statement: str, **values: Any) -> Sequence[Row]:
        """Write what a power cut may take along; what it returns.

        Raises:
            AnswerLost: perhaps it is written.
        """

    def durably(self, statement: str, **values: Any) -> Sequence[Row]:
        """Write what must not be lost; otherwise as `quickly`."""

    def transaction(self) -> AbstractContextManager[None]:
        """Several statements of this thread as one, and nobody else's such meanwhile.

        Raises:
            AnswerLost: perhaps all of it is written.
        """

    def surely(self, write: Callable[[], T], landed: Callable[[], T | None]) -> T:
        """Write, however often a connection breaks, and never twice.

        Where an answer was lost, and nothing is under way any more, *landed* looks whether that
        write is there, and gives what it
        would have given; None if it is not, or does no harm twice.
        """

    def each(self, statement: str, values: Mapping[str, Any]) -> Iterator[Row]:
        """The rows of one statement, each when it is asked for."""

    def check_sound(self) -> None:
        """Look through all of it for damage, where that can be done.

        Raises:
            StoreFailed: there is some.
        """

    def check_version(self) -> None:
        """Look whether a newer taskq has changed the database meanwhile.

        Raises:
            StoreFailed: it has.
        """

    def task(self, row: Row) -> Task:
        """The task that a row of `tasks` is."""

    def worker(self, row: Row) -> Worker:
        """The worker that a row of `workers` is."""

    def moment(self, at: datetime) -> Any:
        """An aware moment as the columns hold it."""


def nothing() -> None:
    """Look for nothing: to write it twice does no harm."""
