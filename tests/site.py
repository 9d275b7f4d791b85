"""A small site with a login that is renewed at every page, as careful sites do."""

import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DOOR = "<title>Who are you?</title><input type=password>"
OPEN_DOOR = """<title>Who are you?</title>
<script>localStorage.kept = "{token}"; location.href = "/account"</script>"""


class Site:
    """Its account page takes the newest token alone, in a cookie, and gives a newer one."""

    def __init__(self):
        self.tokens = []
        self.refused = 0
        self.opens = False
        self.fails = False
        self._lock = threading.Lock()
        site = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self):
                site.answer(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def renewed(self):
        self.tokens.append(secrets.token_hex(12))
        return self.tokens[-1]

    def state(self):
        """What a browser has that is logged in, as Playwright writes it."""
        cookie = {
            "name": "sid",
            "value": self.renewed(),
            "domain": "127.0.0.1",
            "path": "/",
            "expires": -1,
            "httpOnly": True,
            "secure": False,
            "sameSite": "Lax",
        }
        return {"cookies": [cookie], "origins": []}

    def answer(self, request):
        with self._lock:
            if self.fails:
                self._say(request, 503, "later")
            elif request.path == "/login" and self.opens:
                token = self.renewed()
                self._say(request, 200, OPEN_DOOR.format(token=token), cookie=token)
            elif request.path == "/login":
                self._say(request, 200, DOOR)
            elif request.path != "/account":
                self._say(request, 404, "nothing")
            elif self.tokens and f"sid={self.tokens[-1]}" in request.headers.get("Cookie", ""):
                self._say(request, 200, "<title>Your account</title>", cookie=self.renewed())
            else:
                self.refused += 1
                self._say(request, 302, "", to="/login")

    def _say(self, request, status, text, cookie=None, to=None):
        body = text.encode()
        request.send_response(status)
        request.send_header("Content-Type", "text/html")
        request.send_header("Content-Length", str(len(body)))
        if cookie:
            request.send_header("Set-Cookie", f"sid={cookie}; Path=/; HttpOnly; SameSite=Lax")
        if to:
            request.send_header("Location", to)
        request.end_headers()
        request.wfile.write(body)
