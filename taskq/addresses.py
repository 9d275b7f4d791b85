"""Hosts, as far as it matters for what may be sent to them. Pure."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_SERVER = re.compile(
    r"postgres(ql)?(\+\w+)?:|(?:\w+=\S* )*(?:host|hostaddr|password|dbname)=", re.IGNORECASE
)


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine and nothing else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def without_secrets(url: str) -> str:
    """What tells the database of *url* from others, whichever way it is connected to."""
    asked = [pair for pair in parse_qsl(urlsplit(url).query) if pair[0] in {"host", "port"}]
    return f"{shown_database(url)}?{urlencode(sorted(asked))}"


def looks_like_server(name: str) -> bool:
    """Whether *name* is meant for a server's address, however it is written."""
    return _SERVER.match(name) is not None


def shown_database(name: str) -> str:
    """A database's name as anybody may see it: a path as it is, an address without its secrets."""
    if "://" not in name:
        return "…" if looks_like_server(name) else name
    try:
        parts = urlsplit(name)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return f"{name.partition('://')[0]}://…"
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":  # a part of a password, most likely
        return f"{parts.scheme}://…"
    user = f"{parts.username}@" if parts.username else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return urlunsplit((parts.scheme, f"{user}{host}{port}", parts.path, "", ""))
