"""The truth about money for tasks without a browser: a till in the test's own process."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Till:
    """Charges once for each POST it hears, and counts; *fault* is what becomes of its answer."""

    def __init__(self, seconds: float = 0.05, port: int = 0) -> None:
        self.charges: list[tuple[str, float]] = []
        self.fault: str | None = None
        self.seconds = seconds
        till = self

        class Counting(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                till._look(self)

            def do_POST(self) -> None:
                till._charge(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Counting)
        self._server.daemon_threads = True
        self._lock = threading.Lock()
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def of(self, item: str) -> list[float]:
        """When *item* was charged, each time."""
        return [at for paid, at in self.charges if paid == item]

    def _charge(self, request: BaseHTTPRequestHandler) -> None:
        time.sleep(self.seconds / 2)  # what a bank takes before
        if self.fault == "decline":
            self._answer(request, 402, {})
            return
        with self._lock:
            self.charges.append((request.path[1:], time.time()))
            order = str(1000 + len(self.charges))
        time.sleep(self.seconds / 2)  # and after it has moved the money
        if self.fault == "hang up":
            return
        status = 500 if self.fault == "500" else 200
        self._answer(request, status, {"order": order})

    def _look(self, request: BaseHTTPRequestHandler) -> None:
        with self._lock:
            paid = [n for n, (item, _) in enumerate(self.charges) if item == request.path[1:]]
        if paid:
            self._answer(request, 200, {"order": str(1001 + paid[0])})
        else:
            self._answer(request, 404, {})

    @staticmethod
    def _answer(request: BaseHTTPRequestHandler, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        try:
            request.send_response(status)
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            request.wfile.write(content)
        except OSError:
            pass  # whoever asked was killed meanwhile
