"""Tasks in one Postgres, shared by any number of hosts."""

from __future__ import annotations

from collections.abc import Mapping

from taskq.models import Answer
from taskq.stores.postgres import address, examine, query, statements
from taskq.stores.postgres.announcer import Announcer
from taskq.stores.postgres.connection import Connections
from taskq.stores.postgres.ears import Ears
from taskq.stores.postgres.engine import PostgresEngine
from taskq.stores.postgres.hints import PostgresHints
from taskq.stores.verbs import Verbs


class PostgresStore(Verbs):
    """The store of one server; see `Store`. Its clock for leases is the server's."""

    def __init__(self, url: str, *, lease_seconds: float = 60, patience: float = 10) -> None:
        self._lease = lease_seconds
        self._connections = Connections(address.parse(url, patience), patience)
        self._announcer = Announcer(self._connections)
        self._ears = Ears(self._connections, self._announcer)
        super().__init__(PostgresEngine(self._connections, self._announcer, lease_seconds))

    def query(self, statement: str) -> Answer:
        """See `Store.query`."""
        return query.answer(self._connections, statement)

    def examine(self) -> Mapping[str, str]:
        """See `Store.examine`."""
        return {**examine.facts(self._connections), "changes": self._ears.kind()}

    def hints(self) -> PostgresHints:
        """See `Store.hints`."""
        sql = statements.of(self._connections.home, self._lease)
        return PostgresHints(self._connections, sql, self._ears)

    def close(self) -> None:
        """See `Store.close`."""
        self._announcer.close()
        self._ears.close()
        self._connections.close()
