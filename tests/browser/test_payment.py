import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from taskq.browser.chromium import Chromium
from taskq.browser.guard import Guard, Ways, arm, one_post
from taskq.errors import Declined, NotStarted, TaskFailed
from taskq.handlers.shopify import payment
from tests.conftest import wait_for

pytestmark = pytest.mark.browser

PAGE = """<html><body>{error}<button id=pay onclick="setTimeout(send, {after})">Pay</button>
<script>
function send() {{ fetch('/pay', {{method: 'POST'}}).then(() => document.title = 'answered') }}
{more}</script></body></html>"""


class Till(BaseHTTPRequestHandler):
    """A page with a button, kept alive as browsers like it, and a till that counts."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer(200, self.server.page.encode())

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.posts.append(self.path)
        if self.server.drops:
            self.close_connection = True
        else:
            self._answer(self.server.status, b"{}")

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Till)
    server.daemon_threads = True
    server.posts, server.drops, server.status = [], False, 200
    server.page = PAGE.format(error="", after=0, more="")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def on_page(site, act):
    """Do *act* with the site's page in a real browser."""

    async def live():
        chromium = Chromium(None)
        try:
            async with chromium.page() as page:
                await arm(page)
                await page.goto(f"http://127.0.0.1:{site.server_port}/")
                return await act(page)
        finally:
            await chromium.close()

    return asyncio.run(live())


async def press_and_wait(page, may_send=lambda: True, *, seconds=30, plainly=False):
    async with one_post(page, may_send, Ways(plainly=plainly)) as guard:
        guard.press()
        await page.locator("#pay").press("Enter")
        await payment._answer(page, guard, asyncio.sleep(seconds))


def refused(site, expected, may_send=lambda: True):
    """Press under the guard and hear *expected*; the page's request is seen to be aborted."""

    async def act(page):
        aborted = asyncio.Event()
        page.on("requestfailed", lambda _: aborted.set())
        with pytest.raises(expected):
            await press_and_wait(page, may_send)
        await asyncio.wait_for(aborted.wait(), 10)

    on_page(site, act)


def test_a_charge_whose_connection_drops_is_one_post_under_the_guard(site):
    site.drops = True

    async def act(page):
        with pytest.raises(TaskFailed, match="its answer did not come"):
            await press_and_wait(page)

    on_page(site, act)

    assert site.posts == ["/pay"]


@pytest.mark.parametrize("by", ["no guard at all", "a guard that lets Chromium send"])
def test_without_the_guard_chromium_sends_the_same_charge_again(site, by):
    site.drops = True

    async def act(page):
        # What Chromium sends again on: a connection that was used, and is idle and kept alive.
        await page.evaluate("fetch('/', {cache: 'no-store'}).then(answer => answer.text())")
        if by == "no guard at all":
            async with page.expect_event("requestfailed"):
                await page.locator("#pay").press("Enter")
        else:
            with pytest.raises(TaskFailed):
                await press_and_wait(page, plainly=True)

    def is_sent_again():
        site.posts.clear()
        on_page(site, act)
        return len(site.posts) >= 2

    # It is the browser's choice whether it takes such a connection or a new one.
    assert any(is_sent_again() for _ in range(5))


def test_a_page_that_cannot_be_watched_is_not_paid_on(site, monkeypatch):
    async def act(page):
        async def unheard(*_):
            pass

        monkeypatch.setattr(page.context, "route", unheard)
        with pytest.raises(TaskFailed, match="cannot be watched; nothing was paid"):
            await press_and_wait(page)

    on_page(site, act)

    assert site.posts == []


def test_an_enter_does_not_overtake_the_guard_on_a_busy_page(site):
    """Three busy pages at once, where the guard comes right before the press."""
    busy = "() => { setTimeout(() => { for (const t = Date.now(); Date.now() - t < 300;); }, 0) }"

    async def pressed(page):
        await page.goto(f"http://127.0.0.1:{site.server_port}/")
        await page.locator("#pay").focus()
        await page.evaluate(busy)
        async with one_post(page, lambda: False) as guard:
            guard.press()
            await page.keyboard.press("Enter")
            await asyncio.wait_for(guard.refused.wait(), 10)

    async def act(page):
        pages = [page, *[await page.context.browser.new_page() for _ in range(2)]]
        for _ in range(4):
            await asyncio.gather(*map(pressed, pages))

    on_page(site, act)

    assert site.posts == []


def test_an_error_that_stood_there_before_lets_nothing_out_behind_it(site):
    error = "<p id=error-for-number>Enter a valid card number</p>"
    site.page = PAGE.format(error=error, after=400, more="")
    refused(site, Declined)

    assert site.posts == []


def test_a_page_that_reacts_too_late_sends_nothing_any_more(site, monkeypatch):
    monkeypatch.setattr(payment, "_REACTION_SECONDS", 0.2)
    site.page = PAGE.format(error="", after=900, more="")
    refused(site, NotStarted)

    assert site.posts == []


def test_a_worker_whose_lease_is_over_sends_nothing_though_it_has_pressed(site):
    refused(site, NotStarted, may_send=lambda: False)

    assert site.posts == []


@pytest.mark.parametrize("after", [0, 60_000])
def test_a_worker_stopped_after_the_press_knows_whether_anything_went_out(site, after):
    site.page = PAGE.format(error="", after=after, more="")

    async def act(page):
        paying = asyncio.ensure_future(press_and_wait(page))
        if after:
            await page.wait_for_function("document.activeElement.id == 'pay'")
        else:
            await page.wait_for_function("document.title == 'answered'")
        paying.cancel()
        # Nothing went out: that is said, and the intent can be taken back. Else it stands.
        with pytest.raises(NotStarted if after else asyncio.CancelledError):
            await paying

    on_page(site, act)

    assert site.posts == ([] if after else ["/pay"])


def test_what_is_sent_before_the_press_and_beacons_after_it_are_no_payment(site):
    site.page = PAGE.format(
        error="",
        after=60_000,
        more="pay.onfocus = () => { navigator.sendBeacon('/count', 'x'); document.title = 'sent' }",
    )

    async def act(page):
        async with one_post(page, lambda: True) as guard:
            await page.evaluate("fetch('/proposal', {method: 'POST'})")
            guard.press()
            await page.locator("#pay").focus()
            await page.wait_for_function("document.title == 'sent'")
            return guard.shut()

    assert on_page(site, act) is True
    assert "/proposal" in site.posts


@pytest.mark.parametrize("plainly", [False, True])
def test_a_500_says_nothing_of_the_charge(site, plainly):
    site.status = 500

    async def act(page):
        with pytest.raises(TaskFailed, match="its answer did not come"):
            # Known at once: nobody waits for another answer.
            await asyncio.wait_for(press_and_wait(page, seconds=120, plainly=plainly), 20)

    on_page(site, act)

    assert site.posts == ["/pay"]


@pytest.mark.parametrize("how", ["fetch", "popup"])
@pytest.mark.parametrize("harmless", [False, True])
def test_what_leaves_for_another_site_may_be_the_payment_unless_it_is_a_card_host(
    site, monkeypatch, how, harmless
):
    monkeypatch.setattr(payment, "_REACTION_SECONDS", 1.0)
    other = f"http://localhost:{site.server_port}/elsewhere"
    sends = {
        "fetch": f"fetch('{other}', {{method: 'POST', mode: 'no-cors'}})",
        "popup": f"form.action = '{other}'; form.submit()",
    }
    site.page = PAGE.format(
        error="<form id=form method=post target=_blank></form>",
        after=60_000,
        more=f"pay.onfocus = () => {{ {sends[how]} }}",
    )

    async def act(page):
        async with one_post(page, lambda: True, Ways(is_harmless=lambda _: harmless)) as guard:
            guard.press()
            await page.locator("#pay").focus()
            await asyncio.to_thread(wait_for, lambda: site.posts)
            return guard.shut()

    assert on_page(site, act) is harmless


def test_a_shop_whose_name_sounds_like_thanks_has_not_thanked_yet():
    cards = "https://thank-you-cards.com/checkouts/cn/a?next=/orders/1"
    checkout = "https://checkout.kith.com/checkouts/cn/a"

    assert not payment._is_placed(cards, cards)
    assert not payment._is_placed("https://secure.bank.example/orders/9f/authenticate", checkout)
    assert payment._is_placed("https://kith.com/checkouts/cn/a/thank-you", checkout)
    assert payment._is_placed("https://kith.myshopify.com/orders/abc123", checkout)


@pytest.mark.parametrize(
    ("host", "other", "same"),
    [
        ("shop.example.com", "checkout.example.com", True),
        ("shop.example.com", "example.com", True),
        ("shop.example.com", "example.org", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "192.0.0.1", False),
        ("127.0.0.1", "localhost", False),
        ("shop.example.com", "", False),
    ],
)
def test_the_guard_watches_the_checkouts_whole_site(host, other, same):
    class Request:
        url = f"https://{other}/pay"

    assert Guard(host, lambda: True, Ways())._is_own(Request) is same
