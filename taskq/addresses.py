"""Hosts, as far as it matters for what may be sent to them. Pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


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


def shown_database(name: str) -> str:
    """A database's name as anybody may see it: a path as it is, an address without its secrets."""
    if "://" not in name:
        return name
    try:
        parts = urlsplit(name)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return f"{name.partition('://')[0]}://…"
    user = f"{parts.username}@" if parts.username else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return urlunsplit((parts.scheme, f"{user}{host}{port}", parts.path, "", ""))
