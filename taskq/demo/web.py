"""HTTP as the demo sites speak it: requests in, answers out, connections kept alive."""

from __future__ import annotations

import json
import logging
import re
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from email.parser import BytesParser
from email.policy import HTTP
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Answer = Callable[..., None]
Route = tuple[str, str, Answer]


log = logging.getLogger(__name__)


class Request:
    """One request, and the means to answer it."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        """Read the request that *handler* has received."""
        url = urlsplit(handler.path)
        self.method = "GET" if handler.command == "HEAD" else handler.command
        self.target = handler.path
        self.path = unquote(url.path)
        self.query = dict(parse_qsl(url.query, keep_blank_values=True))
        self.headers = handler.headers
        self.connection: socket.socket = handler.connection
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self._handler = handler
        self._cookies: list[str] = []

    def cookie(self, name: str) -> str | None:
        """Give the value of the cookie *name*, if the browser sent one."""
        try:
            found = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        except CookieError:
            return None
        return found.value if found else None

    def set_cookie(self, cookie: str) -> None:
        """Send *cookie* along with the answer."""
        self._cookies.append(cookie)

    def pairs(self) -> list[tuple[str, str]]:
        """Give the body of a posted form, in order."""
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def fields(self) -> dict[str, Any]:
        """Give what was posted, be it a JSON object or a form."""
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/"):
            return self._parts(kind)
        if "json" not in kind:
            return dict(self.pairs())
        try:
            posted = json.loads(self.body)
        except ValueError:
            return {}
        return posted if isinstance(posted, dict) else {}

    def _parts(self, kind: str) -> dict[str, Any]:
        """Read multipart/form-data, which is mail in all but name."""
        head = f"Content-Type: {kind}\r\n\r\n".encode()
        mail = BytesParser(policy=HTTP).parsebytes(head + self.body)
        return {
            str(part.get_param("name", header="content-disposition")): part.get_content().strip()
            for part in mail.iter_parts()
        }

    def answer(
        self, status: int, body: str | bytes, kind: str = "text/html; charset=utf-8", **more: str
    ) -> None:
        """Write the answer; *more* are headers, with _ for -."""
        content = body.encode() if isinstance(body, str) else body
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), **more}
        headers.setdefault("Cache-Control", "no-store")
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        for cookie in self._cookies:
            self._handler.send_header("Set-Cookie", cookie)
        self._handler.end_headers()
        if self._handler.command != "HEAD":
            self._handler.wfile.write(content)

    def answer_json(self, data: object, status: int = HTTPStatus.OK) -> None:
        """Answer with *data* as JSON."""
        self.answer(status, json.dumps(data), "application/json; charset=utf-8")

    def redirect(self, location: str) -> None:
        """Send the browser to *location*."""
        self.answer(HTTPStatus.FOUND, "", Location=location)


class Router:
    """Which room answers which path."""

    def __init__(self, routes: Iterable[Route], otherwise: Answer) -> None:
        """Try *routes* (method, pattern, room) in order, and *otherwise* if none fits."""
        self._routes = [(method, re.compile(path), room) for method, path, room in routes]
        self._otherwise = otherwise

    def __call__(self, request: Request) -> None:
        """Let the first room that fits answer *request*."""
        for method, path, room in self._routes:
            if method == request.method and (match := path.fullmatch(request.path)):
                return room(request, **match.groupdict())
        return self._otherwise(request)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "taskq-demo"
    sys_version = ""
    disable_nagle_algorithm = True
    # Head and body leave in one packet.
    wbufsize = 65536
    server: Server

    def _serve(self) -> None:
        request = Request(self)
        try:
            self.server.answer(request)
        except ConnectionError:
            raise
        except Exception:
            log.exception("%s %s", request.method, request.path)
            request.answer(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong")

    do_GET = do_HEAD = do_POST = _serve  # noqa: N815 - http.server calls them so

    def log_message(self, *_: object) -> None:
        """Keep quiet: a site on loopback needs no access log."""


class Server(ThreadingHTTPServer):
    """A port on loopback that answers in daemon threads until it is closed."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        """Listen on *port*, or on a free one if it is 0."""
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def start(self, answer: Callable[[Request], None]) -> None:
        """Answer requests from now on."""
        self.answer = answer
        self._thread.start()

    def server_bind(self) -> None:
        """Bind without asking the network for this host's name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that close() can end it."""
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection: it has ended."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that broke; browsers drop them all the time."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop listening, and end the connections that browsers keep alive."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._guard:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
