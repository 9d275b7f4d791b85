"""A page of another origin, in a real browser beside a real server."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.conftest import HOODIE

pytestmark = pytest.mark.browser

# Every way a page has to send something: fetch, beacon, form, frame, socket, script, picture.
ATTACK = """async url => {
  const order = JSON.stringify({product_url: 'https://kith.com/products/x', size: 'M'});
  const said = [];
  const attempt = async (name, act) => {
    try { said.push(`${name}: ${await act()}`); } catch (error) { said.push(`${name}: no`); }
  };
  for (const at of ['/shopify/order', '/tasks/shopify_order']) {
    for (const mode of ['cors', 'no-cors']) {
      for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
        await attempt(`${mode} ${type}`, async () => {
          const headers = {'Content-Type': type};
          const sent = {method: 'POST', mode, headers, body: order, credentials: 'include'};
          return (await fetch(url + at, sent)).status;
        });
      }
      await attempt(`${mode} bare`, async () => (await fetch(url + at,
        {method: 'POST', mode, body: new Blob([order])})).status);
    }
    navigator.sendBeacon(url + at, order);
    navigator.sendBeacon(url + at, new Blob([order], {type: 'application/json'}));
  }
  await attempt('read', async () => (await fetch(url + '/tasks')).status);
  await attempt('stream', () => new Promise((resolve, reject) => {
    const source = new EventSource(url + '/events');
    source.addEventListener('queue', resolve);
    source.onerror = reject;
  }));
  const frames = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];
  for (const [index, enctype] of frames.entries()) {
    const frame = document.createElement('iframe');
    frame.name = `frame${index}`;
    const form = document.createElement('form');
    Object.assign(form, {method: 'post', action: url + '/shopify/order', enctype});
    form.target = frame.name;
    const input = document.createElement('input');
    [input.name, input.value] = [order.slice(0, -1) + ',"x":"', '"}'];
    form.append(input);
    document.body.append(frame, form);
    await new Promise(resolve => { frame.onload = resolve; form.submit(); });
  }
  return said;
}"""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>prices</title><body>")

    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere():
    """A site on this machine's other name: another origin, and another site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f":{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_page_of_another_origin_creates_no_task_and_reads_none(serve, browser, store, elsewhere):
    served = serve()
    port = served.url.rpartition(":")[2]

    async def visit(page):
        said = []
        for name in ("http://127.0.0.1", "http://localhost"):  # another site, and another port
            await page.goto(name + elsewhere)
            said += await page.evaluate(ATTACK, served.url)
        # By a name of its own that leads here, as after DNS rebinding: the same origin, then.
        rebound = await page.goto(f"http://evil.localhost:{port}/")
        said += await page.evaluate(ATTACK, f"http://evil.localhost:{port}")
        await page.goto(served.url)
        own = await page.evaluate(
            """async url => (await fetch('shopify/order', {method: 'POST', body: JSON.stringify(
                {product_url: url}), headers: {'Content-Type': 'application/json'}})).status""",
            f"https://kith.com/products/{HOODIE}",
        )
        return said, rebound.status, own

    said, rebound, own = browser.live(visit)
    got_through = [one for one in said if one.rpartition(" ")[2] not in {"no", "0", "421"}]

    assert got_through == []
    assert rebound == 421
    assert own == 201
    assert len(store.list()) == 1
