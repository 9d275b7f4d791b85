"""The server: its sockets, its life, and the sentence where a port is taken."""

from __future__ import annotations

import contextlib
import errno
import resource
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import uvicorn

from taskq.api.app import application
from taskq.api.desk import Desk
from taskq.api.door import Rules
from taskq.errors import BadInput, TaskqError
from taskq.process import hostname

_LOCAL = ("127.0.0.1", "::1")
_EVERY = ("0.0.0.0", "::")  # noqa: S104 - a person asked for it, with a token
_HTTP = 80
_FILES = 65_536
_LAST_PORT = 65535
_GRACE = 15
"""Seconds that answers under way have when the server leaves: longer than a lock is waited for."""


@dataclass(frozen=True)
class Place:
    """Where a server is reached: its open *sockets*, and what it is called in a browser."""

    sockets: tuple[socket.socket, ...]
    host: str
    port: int

    @property
    def url(self) -> str:
        """`http://localhost:8000`."""
        return f"http://{_authority(self.host, self.port)}"

    @property
    def hosts(self) -> frozenset[str]:
        """The values of `Host` that mean this server; another name may be a trick."""
        names = {self.host, "localhost", *_LOCAL}
        ports = {self.port, *((None,) if self.port == _HTTP else ())}
        return frozenset(_authority(name.lower(), port) for name in names for port in ports)


def open_place(host: str, port: int) -> Place:
    """Listen at *host*; `localhost` is this machine by both its addresses, port 0 a free one.

    Raises:
        TaskqError: the port is taken.
        BadInput: there is no such address here.
    """
    first, *more = _LOCAL if host == "localhost" else (host,)
    sockets = [_listening(first, port)]
    chosen = sockets[0].getsockname()[1]
    for address in more:
        with contextlib.suppress(BadInput):  # a machine without IPv6
            sockets.append(_listening(address, chosen))
    return Place(tuple(sockets), hostname() if host in _EVERY else host, chosen)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind((host, port))
        opened.listen(2048)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRINUSE:
            other = port + 1 if port < _LAST_PORT else 0
            raise TaskqError(f"port {port} is in use: try --port {other}") from None
        if error.errno == errno.EACCES:
            raise TaskqError(f"port {port} is not for everybody: try --port 8000") from None
        raise BadInput(f"--host: {host!r} is no address of this machine: try --host ::") from None
    return opened


def _allow_many_files() -> None:
    """As many as the system lets us have, in reason: every watcher is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS allows fewer than it says
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, _FILES)), hard))


def _authority(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"


class Server(uvicorn.Server):
    """One server for one desk; whoever starts it heeds the signals."""

    def __init__(self, desk: Desk, place: Place, rules: Rules, started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                application(desk, rules),
                log_config=None,
                log_level="error",
                access_log=False,
                lifespan="off",
                ws="none",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._desk = desk
        self._place = place
        self._started = started

    def work(self) -> None:
        """Serve until `leave`."""
        _allow_many_files()
        self.run(list(self._place.sockets))

    def leave(self) -> None:
        """Let answers under way end, then stop; asked again, stop at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self._started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Send the watchers home first: their streams would not end by themselves."""
        self._desk.hub.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever started us."""
        yield
