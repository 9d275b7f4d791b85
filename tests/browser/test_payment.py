import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from taskq.browser.chromium import Chromium
from taskq.browser.guard import one_post
from taskq.errors import Declined, NotStarted
from taskq.handlers.shopify import payment

pytestmark = pytest.mark.browser

PAGE = """<html><body>{error}<button id=pay onclick="setTimeout(send, {after})">Pay</button>
<script>function send() {{ fetch('/pay', {{method: 'POST'}}) }}</script></body></html>"""


@pytest.fixture
def site():
    """A page whose button sends a POST late, and what reached its server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.server.page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            self.server.posts.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.posts = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


async def press_and_wait(page):
    async with one_post(page) as guard:
        await page.locator("#pay").press("Enter")
        await payment._answer(page, guard)


def pressed(site, expected):
    """Press the button under the guard, wait for the answer, then for what comes late."""

    async def live():
        chromium = Chromium(None)
        try:
            async with chromium.page() as page:
                await page.goto(f"http://127.0.0.1:{site.server_port}/")
                aborted = asyncio.Event()
                page.on("requestfailed", lambda _: aborted.set())
                with pytest.raises(expected):
                    await press_and_wait(page)
                await asyncio.wait_for(aborted.wait(), 10)
        finally:
            await chromium.close()

    asyncio.run(live())


def test_an_error_that_stood_there_before_lets_nothing_out_behind_it(site):
    error = "<p id=error-for-number>Enter a valid card number</p>"
    site.page = PAGE.format(error=error, after=400)
    pressed(site, Declined)

    assert site.posts == []


def test_a_page_that_reacts_too_late_sends_nothing_any_more(site, monkeypatch):
    monkeypatch.setattr(payment, "_REACTION_SECONDS", 0.2)
    site.page = PAGE.format(error="", after=900)
    pressed(site, NotStarted)

    assert site.posts == []
