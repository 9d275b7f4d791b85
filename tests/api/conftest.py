"""A real server for each test, in a thread of this process, with a worker's part by hand."""

import http.client
import json
import threading
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from taskq import registry, settings, tasks
from taskq.api.desk import Desk
from taskq.api.door import Rules
from taskq.api.server import Server, open_place
from taskq.handlers.shopify import SHOPIFY
from taskq.models import Ending, Status
from taskq.process import Process

ORDER = {"product_url": "https://kith.com/products/hp-p020-051-1", "size": "Medium"}
LOST = Ending(Status.FAILED, "Checkout failed: no answer", "Needs review: no answer")
DECLINE = Ending(Status.FAILED, "Checkout failed: declined", "declined", clears_intent=True)
DONE = Ending(Status.COMPLETED, "Order placed successfully", result={"order": "1001"})


class Answer:
    """One answer, read to its end."""

    def __init__(self, response) -> None:
        self.status = response.status
        self.headers = response.headers
        self.content = response.read()

    @property
    def json(self):
        return json.loads(self.content)


class Api:
    """A server to talk to, as any program would."""

    def __init__(self, store, host="localhost", **rules) -> None:
        self.place = open_place(host, 0)
        # What other tests of this process have registered is none of ours.
        self.desk = Desk(store, settings.load(), registry._offered())
        started = threading.Event()
        self.rules = Rules(self.place.hosts, **rules)
        self._server = Server(self.desk, self.place, self.rules, started.set)
        self._thread = threading.Thread(target=self._server.work)
        self._thread.start()
        assert started.wait(10)
        self.url = self.place.url
        self.netloc = urlsplit(self.url).netloc

    def ask(self, method, path, body=None, **headers):
        """One request; a body that is no bytes is sent as JSON; `_` in a header's name is `-`."""
        connection = http.client.HTTPConnection(self.netloc, timeout=20)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            given = {"Content-Type": "application/json", **given}
        try:
            connection.request(method, path, body, given)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, {} if body is None else body, **headers)

    @contextmanager
    def stream(self, path, **headers):
        """The events of a stream, as they come."""
        connection = http.client.HTTPConnection(self.netloc, timeout=20)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=given)
        try:
            yield events(connection.getresponse())
        finally:
            connection.close()

    def close(self):
        self._server.leave()
        self._thread.join(20)
        assert not self._thread.is_alive()
        self.desk.close()


def events(response):
    """(event, id, data) of each server-sent event; comments are left out."""
    found = {}
    for raw in response:
        line = raw.decode().rstrip("\n")
        name, _, value = line.partition(": ")
        if name and line[0] != ":":
            found[name] = value
        elif not line and found:
            yield found["event"], found.get("id"), json.loads(found["data"])
            found = {}


@pytest.fixture
def open_api(store):
    """Open servers of this test's queue."""
    with ExitStack() as opened:

        def start(**how):
            api = Api(store, **how)
            opened.callback(api.close)
            return api

        yield start


@pytest.fixture
def api(open_api):
    return open_api()


class Hands:
    """A worker's part."""

    def __init__(self, store) -> None:
        self.store = store
        self.worker = store.enlist(Process.current(), 1, 9, [SHOPIFY.task_type])

    def submit(self, **params):
        wanted = SHOPIFY.parse(ORDER | {"profile": "default"} | params)
        return tasks.submit(self.store, SHOPIFY, wanted, again=True).task

    def claim(self, task=None, **params):
        task = task or self.submit(**params)
        return self.store.claim(self.worker, {task.type: ()}, per_lane=99, only=task.id)

    def end(self, ending=DONE, **params):
        return self.store.end(self.claim(**params), ending)

    def lost(self, **params):
        task = self.claim(**params)
        self.store.intent(task, "Processing payment", {"shop": "kith.com", "total": "$120.00"})
        return self.store.end(task, LOST)


@pytest.fixture
def hands(store):
    return Hands(store)
