"""A wire to Postgres that breaks at the worst moment: where a question or its answer is under way.

It knows of Postgres' protocol what it must: where a message ends, and that `Z` ends an answer.
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

ENCRYPTION = {80877103, 80877104}  # asked for before anything else is said
READY, NOTIFICATION, GOODBYE = b"Z", b"A", b"X"


class Wire:
    """Passes everything on to a server, until it is told to lose something."""

    def __init__(self, port: int) -> None:
        self._server = port
        self._lock = threading.Lock()
        self._lose: str | None = None
        self._countdown = 0
        self._for_good = False
        self.lost = False
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._clients: set[socket.socket] = set()
        self._keeps_on = False
        self._passes = threading.Event()
        self._passes.set()
        threading.Thread(target=self._welcome, daemon=True).start()

    def lose(self, what: str, number: int, *, for_good: bool = False) -> None:
        """Lose the *number*-th "question" or "answer" from now on, and with it the connection.

        If it is *for_good*, nobody is let in afterwards.
        """
        with self._lock:
            self._lose, self._countdown, self.lost = what, number, False
            self._for_good = for_good

    def lose_nothing(self) -> None:
        with self._lock:
            self._lose = None

    def hold(self) -> None:
        """Pass nothing on any more, and say nothing of it: a server that hangs."""
        self._passes.clear()

    def pass_on(self) -> None:
        self._passes.set()

    def hang_up(self) -> None:
        """End every connection for the clients alone: the server goes on with what it is at."""
        self._keeps_on = True
        _cut(*self._clients)

    def close(self) -> None:
        self.pass_on()
        for each in (self._door, *self._open):
            _cut(each)

    def _is_lost(self, what: str) -> bool:
        with self._lock:
            if self._lose != what:
                return False
            self._countdown -= 1
            if self._countdown:
                return False
            self._lose, self.lost = None, True
            if self._for_good:
                _cut(self._door)
            return True

    def _welcome(self) -> None:
        with suppress(OSError):
            while True:
                client = self._door.accept()[0]
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with suppress(OSError, EOFError):
            server = socket.create_connection(("127.0.0.1", self._server))
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open.add(each)
            self._clients.add(client)
            server.sendall(_greeting(client))
            known = threading.Event()
            ends = client, server
            threading.Thread(target=self._answers, args=(*ends, known), daemon=True).start()
            self._questions(*ends, known)

    def _questions(self, client, server, known) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                self._passes.wait()
                if known.is_set() and not data.startswith(GOODBYE) and self._is_lost("question"):
                    break
                server.sendall(data)
        _cut(client, *(() if self._keeps_on else (server,)))

    def _answers(self, client, server, known) -> None:
        """Pass on each answer as a whole, once the server has let the client in."""
        answer = b""
        with suppress(OSError, EOFError):
            while True:
                kind, message = _message(server)
                self._passes.wait()
                answer += message
                if known.is_set() and kind not in {READY, NOTIFICATION}:
                    continue
                if known.is_set() and kind == READY and self._is_lost("answer"):
                    break
                if kind == READY:
                    known.set()
                client.sendall(answer)
                answer = b""
        _cut(client, server)


def _greeting(client) -> bytes:
    """What a client says first; it is told that this server does not encrypt."""
    while True:
        size = _exactly(client, 4)
        rest = _exactly(client, struct.unpack("!i", size)[0] - 4)
        if struct.unpack("!i", rest[:4])[0] not in ENCRYPTION:
            return size + rest
        client.sendall(b"N")


def _message(server) -> tuple[bytes, bytes]:
    head = _exactly(server, 5)
    return head[:1], head + _exactly(server, struct.unpack("!i", head[1:])[0] - 4)


def _exactly(source, size) -> bytes:
    found = b""
    while len(found) < size:
        more = source.recv(size - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def _cut(*ends) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
