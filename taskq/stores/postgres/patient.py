"""A connection that waits for an answer as long as its owner does, and no longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout  # the one way to be told by psycopg's own waiting
from psycopg.rows import DictRow

T = TypeVar("T")
_LOOK_EVERY = 0.1
"""Seconds between two chances for Ctrl-C, while nothing comes."""


class Connection(psycopg.Connection[DictRow]):
    """A server that hangs keeps a connection alive and says nothing: TCP does not notice."""

    patience: float | None = None
    """Seconds to wait for an answer; None: for ever, as a person may who can press Ctrl-C."""
    session = 0
    """The number of the server's session; a pooler's own, where one stands between."""

    def __init__(self, *given: Any, **how: Any) -> None:
        super().__init__(*given, **how)
        self._cursors: dict[str, psycopg.Cursor[DictRow]] = {}

    def cursor_of(self, statement: str) -> psycopg.Cursor[DictRow]:
        """The cursor of a *statement* that is run again and again, for one thread at a time.

        It remembers how values become text and rows become data; a new one finds out anew, which
        is an eighth of what a call costs.
        """
        if statement not in self._cursors:
            self._cursors[statement] = self.cursor(row_factory=_Named())
        return self._cursors[statement]

    def wait(self, gen: PQGen[T], interval: float = _LOOK_EVERY, timeout: float | None = None) -> T:
        """See `psycopg.Connection.wait`; a connection that is given up is closed.

        Raises:
            psycopg.OperationalError: no answer came in time.
        """
        if self.patience is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience)
        except _WaitTimeout:
            self.close()
            raise psycopg.OperationalError("it does not answer") from None

    @contextmanager
    def without_haste(self) -> Iterator[None]:
        """Wait for ever meanwhile."""
        patience, self.patience = self.patience, None
        try:
            yield
        finally:
            self.patience = patience


class _Named:
    """`dict_row` for one statement, whose columns are always the same."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def __call__(self, cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], DictRow]:
        if not self._names:
            self._names = [column.name for column in cursor.description or ()]
        return self._row

    def _row(self, values: Sequence[Any]) -> DictRow:
        return dict(zip(self._names, values, strict=True))
