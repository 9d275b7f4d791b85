"""An end told to a web address: one POST, soon or never, that no task waits for.

The address may be a secret (a token in its path or query, a password before its host): it is shown
by its host alone, and what the other side answers is not read.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

LIMIT = 5.0
"""Seconds that the other side may be silent, and that a leaving worker waits for it."""


class Notifier:
    """Tells *url* of ends, each in a thread of its own; *notice* hears of what did not get there.

    With no *url* it tells nobody.
    """

    def __init__(
        self, url: str | None, notice: Callable[[str], None], *, limit: float = LIMIT
    ) -> None:
        self._url = url
        self._notice = notice
        self._limit = limit
        self._on_their_way: list[threading.Thread] = []

    def tell(self, task_id: str, document: Callable[[], Mapping[str, Any]]) -> None:
        """Tell of the end of a task, whose *document* is made and sent in a thread."""
        if self._url is None:
            return
        thread = threading.Thread(
            target=self._post, args=(self._url, task_id, document), name="notify", daemon=True
        )
        thread.start()
        self._on_their_way = [t for t in self._on_their_way if t.is_alive()] + [thread]

    def close(self) -> None:
        """Wait for what is on its way, for as long as one of them may be silent."""
        until = time.monotonic() + self._limit
        for thread in self._on_their_way:
            thread.join(max(0.0, until - time.monotonic()))

    def _post(self, url: str, task_id: str, document: Callable[[], Mapping[str, Any]]) -> None:
        try:
            fault = post(url, json.dumps(document(), ensure_ascii=False).encode(), self._limit)
        except Exception as error:  # noqa: BLE001 - whatever it is, a task does not fail of it
            fault = type(error).__name__
        if fault:
            self._notice(f"{shown(url)} was not told that task {task_id} has ended: {fault}")


def shown(url: str) -> str:
    """*url* as anybody may see it: scheme, host and port, and none of its secrets."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" + ("/…" if parts.path.strip("/") or parts.query else "")


def post(url: str, body: bytes, limit: float = LIMIT) -> str | None:
    """Send *body* as JSON; what was wrong, without a word of the address, or None."""
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
    headers = {"Content-Type": "application/json", "User-Agent": "taskq"}
    if parts.username is not None:
        who = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(who.encode()).decode()}"
    # The scheme is one of the two that the settings take.
    request = Request(bare, body, headers, method="POST")  # noqa: S310
    try:
        with build_opener(_NoRedirects).open(request, timeout=limit):
            return None
    except HTTPError as error:
        error.close()
        return f"it answered {error.code}"
    except TimeoutError:
        return f"no answer within {limit:g} s"
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            return f"no answer within {limit:g} s"
        reason = getattr(error.reason, "strerror", None)
        return reason or type(error.reason).__name__
    except (OSError, HTTPException) as error:
        return getattr(error, "strerror", None) or type(error).__name__


class _NoRedirects(HTTPRedirectHandler):
    """A POST that is redirected would arrive as a GET, and perhaps where it should not."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""
