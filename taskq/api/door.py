"""Who is let in: this machine's own, through the front door, with a body of a known kind and size.

A page of another site may send requests here from the browser of whoever runs this server: by its
name (DNS rebinding), or as a form. So the name that was asked for is checked, and where a request
comes from.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from taskq.api.body import MOST_BYTES
from taskq.api.faults import problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_LOG = logging.getLogger(__name__)
_CUT_OFF = (HTTPStatus.SERVICE_UNAVAILABLE, "The server was stopped: this may have been done")
_OPEN = {"/", "/page.js", "/page.css", "/login", "/healthz"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Rules:
    """Whom the door lets in: requests for these *hosts* (name and port), from these *origins*.

    With a *token* only who has it; then any address of this machine may be asked for by number,
    which no other site's name can stand for.
    """

    hosts: frozenset[str]
    origins: frozenset[str] = frozenset()
    token: str | None = field(default=None, repr=False)
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @property
    def cookie(self) -> str:
        """What the session is called: cookies of all ports of a host go to all of its servers."""
        served = hashlib.sha256(" ".join(sorted(self.hosts)).encode()).hexdigest()
        return f"taskq_session_{served[:12]}"

    def session(self) -> str:
        """What a browser that has shown the token keeps instead of it, until the server ends."""
        return hmac.new(self.salt, (self.token or "").encode(), hashlib.sha256).hexdigest()

    def is_token(self, given: str) -> bool:
        """Whether *given* is the token, told in the same time for every wrong one."""
        return hmac.compare_digest(given.encode(), (self.token or "").encode())


class Door:
    """Asks every request the questions that do not depend on where it goes."""

    def __init__(self, app: App, rules: Rules) -> None:
        self._app = app
        self._rules = rules
        alone = {} if rules.origins else {"Cross-Origin-Resource-Policy": "same-origin"}
        self._headers = Headers(_HEADERS | alone).raw

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request, or let it in."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        headers = Headers(scope=scope)
        refused = self._refusal(scope, headers)
        if refused is None and scope["method"] == "POST":
            body = await _body(receive, headers)
            if body is None:
                refused = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "A body has at most 64 KiB")
            else:
                receive = _again(body, receive)
        if refused is not None:
            await problem(*refused)(scope, receive, with_headers)
            return
        if scope["method"] == "HEAD" and not scope["path"].endswith("/events"):
            scope = {**scope, "method": "GET"}  # the server sends the head alone
        try:
            await self._app(scope, receive, with_headers)
        except asyncio.CancelledError:
            await problem(*_CUT_OFF)(scope, receive, with_headers)
            raise
        except Exception as error:  # noqa: BLE001 - it has been answered; nobody else hears of it
            debug = os.environ.get("TASKQ_DEBUG") in {"1", "true"}
            fault = f"{type(error).__name__}: {error}"
            _LOG.error("taskq: a fault of taskq's own: %s", fault, exc_info=debug)

    def _refusal(
        self, scope: MutableMapping[str, Any], headers: Headers
    ) -> tuple[HTTPStatus, str] | None:
        if not self._is_ours(headers.get("host", "")):
            return (
                HTTPStatus.MISDIRECTED_REQUEST,
                "This server has another name: see taskq serve --help",
            )
        if not self._comes_from_here(scope, headers):
            return HTTPStatus.FORBIDDEN, "Requests from other sites are refused"
        if self._rules.token and scope["path"] not in _OPEN and not self._has_token(headers):
            return HTTPStatus.UNAUTHORIZED, "Show the token: Authorization: Bearer …"
        return None

    def _is_ours(self, host: str) -> bool:
        if host.lower() in self._rules.hosts:
            return True
        return self._rules.token is not None and _is_number(host)

    def _comes_from_here(self, scope: MutableMapping[str, Any], headers: Headers) -> bool:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin in self._rules.origins:
            return True
        is_visit = (
            scope["method"] in {"GET", "HEAD"}
            and headers.get("sec-fetch-mode") == "navigate"
            and headers.get("sec-fetch-dest") == "document"
        )
        if site not in {None, "same-origin", "none"} and not is_visit:
            return False
        if origin is None or scope["method"] in {"GET", "HEAD"}:
            return True
        host = headers.get("host", "").lower()
        return origin.lower() in {f"http://{host}", f"https://{host}"}

    def _has_token(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._rules.is_token(given.strip())
        try:
            kept = SimpleCookie(headers.get("cookie", "")).get(self._rules.cookie)
        except CookieError:
            return False
        return kept is not None and hmac.compare_digest(
            kept.value.encode(), self._rules.session().encode()
        )


def _is_number(host: str) -> bool:
    try:
        ip_address(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
    return True


async def _body(receive: Receive, headers: Headers) -> bytes | None:
    """The whole body; None if it is too large, of which no more is read."""
    said = headers.get("content-length", "0")
    if not said.isdecimal() or len(said) > len(str(MOST_BYTES)) or int(said) > MOST_BYTES:
        return None
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Give the *body* that was read to whoever asks next."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
