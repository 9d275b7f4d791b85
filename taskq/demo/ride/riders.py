"""Riders: who may log in, by which code, and how a browser proves that it did."""

from __future__ import annotations

import secrets
import threading
from typing import Any

from taskq.demo.web import Request

COOKIE = "sid"
BESIDE = ("csid", "jwt-session")
ONE_DAY = 24 * 3600
CODE = "4271"
"""The code that the app would send; anybody who knows it is let in."""


class Riders:
    """Who is logged in, by the cookies of their browsers."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._sessions: set[str] = set()
        self._lock = threading.Lock()

    def knows(self, request: Request) -> bool:
        """Whether the browser that asks is logged in."""
        return request.cookie(COOKIE) in self._sessions

    def welcome(self) -> str:
        """Begin a session."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._sessions.add(token)
        return token

    def log_in(self, request: Request, code: str) -> bool:
        """Let in whoever knows the code."""
        if not secrets.compare_digest(code.encode(), CODE.encode()):
            return False
        token = self.welcome()
        for name in (COOKIE, *BESIDE):
            cookie = f"{name}={token}; Path=/; Max-Age={ONE_DAY}; HttpOnly; SameSite=Lax"
            request.set_cookie(cookie)
        return True

    def log_out(self, request: Request) -> None:
        """Forget the session of the browser that asks."""
        with self._lock:
            self._sessions.discard(request.cookie(COOKIE) or "")

    def state(self, host: str) -> dict[str, Any]:
        """Write down what a browser has that has logged in, as browsers' drivers do."""
        token = self.welcome()
        return {
            "cookies": [
                {
                    "name": name,
                    "value": token,
                    "domain": host,
                    "path": "/",
                    "expires": -1,
                    "httpOnly": True,
                    "secure": False,
                    "sameSite": "Lax",
                }
                for name in (COOKIE, *BESIDE)
            ],
            "origins": [],
        }
