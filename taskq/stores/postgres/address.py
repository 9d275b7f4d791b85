"""What a `postgresql://` address says, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from taskq.addresses import shown_database
from taskq.errors import BadInput

_POOLER_PORT = "6543"
"""Where Supabase hands each transaction to another session."""


_OURS = {"application_name": "taskq", "client_encoding": "utf8"}
"""By its name a session that was lost is known, so it is no one else's to choose."""


@dataclass(frozen=True)
class Address:
    """How to connect; *is_pooled* where the address says that a pooler stands between."""

    parameters: dict[str, Any]
    shown: str
    is_pooled: bool


def parse(url: str, patience: float) -> Address:
    """What *url* says, with the patience that a connection shall have.

    Raises:
        BadInput: it is no address of a database.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query))
        for host in parts.netloc.rpartition("@")[2].split(","):
            urlsplit(f"//{host}").port  # noqa: B018 - a password with a slash looks like one
        is_pooled = asked.pop("pgbouncer", "") == "true"
        query = urlencode(asked, quote_via=quote)
        given = conninfo_to_dict(urlunsplit(parts._replace(query=query)))
    except (ProgrammingError, ValueError):  # whose reasons hold what was typed, a password too
        raise _unreadable() from None
    rest = f"{parts.path}{parts.query}{parts.fragment}"
    if "@" in f"{given.get('host', '')}{rest}" or parts.fragment:
        raise _unreadable()
    ours = {
        "connect_timeout": max(2, round(min(patience, 5))),
        # A server that has vanished, without a word, is noticed as soon as nobody waits any longer.
        "tcp_user_timeout": max(1000, round(patience * 1000)),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }
    is_pooled = is_pooled or given.get("port") == _POOLER_PORT
    return Address({**ours, **given, **_OURS}, shown_database(url), is_pooled)


def _unreadable() -> BadInput:
    return BadInput(
        "The address of the database cannot be read; in a password, characters such as @ : / ? # "
        "are written as %40 and so on. Use: --db postgresql://USER@HOST:5432/DATABASE"
    )
