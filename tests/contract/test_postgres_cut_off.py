"""Connections that a server ends, and a server that ends: verbs wait for it, and go on."""

from __future__ import annotations

import threading
import time
from contextlib import closing

import psycopg
import pytest

from taskq.errors import StoreFailed
from taskq.models import Ending, Status
from taskq.stores import open_store
from taskq.stores.postgres import making
from tests.contract.conftest import OTHERS
from tests.contract.wire import Wire
from tests.postgres import Postgres

FORMS = ("postgres",)
STARTED, STEPS, PAYING = "Task started by worker-1", ["one", "two", "three"], "Processing payment"
DONE = Ending(Status.COMPLETED, "Order placed successfully", result={"order": "1"}, evidence=1)


@pytest.fixture
def cutting(postgres, store_url):
    """Somebody who ends every connection to this test's database, again and again."""
    over = threading.Event()
    cuts = []

    def cut():
        name = store_url.rpartition("/")[2]
        with closing(psycopg.connect(postgres.url(name), autocommit=True)) as connection:
            while not over.wait(0.01):
                cut = connection.execute(f"select pg_terminate_backend(pid) {OTHERS}")
                cuts.extend(cut.fetchall())

    cutter = threading.Thread(target=cut)
    cutter.start()
    yield cuts
    over.set()
    cutter.join()


def live(store, new, worker):
    """A task's whole life."""
    task, is_new = store.submit(new)
    assert is_new
    task = store.claim(worker, {task.type: []}, only=task.id)
    for message in STEPS:
        assert store.step(task, message) is False
    store.intent(task, PAYING, {"shop": "kith.com"})
    return store.end(task, DONE)


def test_a_life_is_whole_however_often_its_connections_are_ended(
    store, a_new_task, a_worker, cutting, messages
):
    worker = a_worker(store)
    lives = []
    while len(lives) < 8 or len(cutting) < 8:
        lives.append(live(store, a_new_task(identity=str(len(lives))), worker))

    assert store.counts() == {"succeeded": len(lives)}
    for task in lives:
        assert messages(store.get(task.id)) == [STARTED, *STEPS, PAYING, DONE.message]
        assert task.attempt == 1
    assert store.workers() == [worker]


def test_a_watcher_whose_connection_was_ended_hears_of_the_next_change(
    store, open_another, plain_cut, a_claimed_task, until
):
    task = a_claimed_task()
    hints = open_another().hints()
    hints.changed([task.id])
    for number in range(3):
        plain_cut()
        store.step(task, f"step {number}")

        assert until(lambda: hints.wait(5) and hints.changed([task.id]), 15)[0].progress


@pytest.fixture
def plain_cut(postgres, store_url):
    name = store_url.rpartition("/")[2]
    return lambda: postgres.run(f"select pg_terminate_backend(pid, 5000) {OTHERS}", database=name)


@pytest.fixture
def own_server():
    """A server that may come to harm."""
    with closing(Postgres()) as server:
        making.init(server.make("tasks"))
        yield server


def while_it_is_down(server, verb, seconds=0.3):
    """Begin *verb* while the server is down, and let it come back meanwhile; what it gave."""
    gave = []

    def do():
        try:
            gave.append(verb())
        except Exception as error:  # noqa: BLE001 - told to the test below
            gave.append(error)

    server.stop()
    doing = threading.Thread(target=do)
    doing.start()
    time.sleep(seconds)  # the outage itself
    server.start()
    doing.join(30)
    (told,) = gave
    if isinstance(told, Exception):
        raise told
    return told


def test_a_task_goes_on_over_restarts_in_the_middle_of_everything(
    own_server, a_new_task, a_worker, messages
):
    """What was durable stands; only ordinary steps of the last moment may be gone with it."""
    with closing(open_store(own_server.url("tasks"))) as store:
        new = a_new_task()
        while_it_is_down(own_server, lambda: store.submit(new))
        worker = while_it_is_down(own_server, lambda: a_worker(store))
        task = while_it_is_down(own_server, lambda: store.claim(worker, {new.type: []}))
        for message in STEPS:
            while_it_is_down(own_server, lambda message=message: store.step(task, message))
        while_it_is_down(own_server, lambda: store.intent(task, PAYING, {"shop": "kith.com"}))
        own_server.stop()
        own_server.start()
        assert store.get(task.id).intent["shop"] == "kith.com"
        ended = while_it_is_down(own_server, lambda: store.end(task, DONE))
        own_server.stop()
        own_server.start()
        there = store.get(task.id)

    assert there == ended
    said = messages(there)
    assert (said[0], said[-2], said[-1]) == (STARTED, PAYING, DONE.message)
    assert said[1:-2] == [message for message in STEPS if message in said]
    assert there.attempt == 1


def test_a_server_that_stays_away_is_a_sentence_after_the_patience(own_server, a_new_task):
    with closing(open_store(own_server.url("tasks"), patience=0.5)) as store:
        store.submit(a_new_task())
        own_server.stop()
        began = time.monotonic()
        with pytest.raises(StoreFailed) as refused:
            store.submit(a_new_task())
        waited = time.monotonic() - began
        own_server.start()

        assert 0.3 < waited < 5
        assert own_server.password not in str(refused.value)
        assert "\n" not in str(refused.value)
        assert store.submit(a_new_task())[1]


@pytest.fixture
def held(postgres, store, store_url, wire):
    """The same store over a wire that can be held: its server hangs then, and says nothing."""
    url = postgres.url(store_url.rpartition("/")[2], port=wire.port)
    with closing(open_store(url, patience=0.5)) as far:
        yield far


@pytest.fixture
def wire(postgres):
    with closing(Wire(postgres.port)) as opened:
        yield opened


@pytest.mark.parametrize("verb", ["submit", "step", "get", "changed"])
def test_a_server_that_hangs_is_given_up_after_the_patience(
    held, wire, a_new_task, a_claimed_task, in_time, verb
):
    """A worker that waits for ever would neither end what it pays nor be told to leave."""
    task = a_claimed_task()
    hints = held.hints()
    verbs = {
        "submit": lambda: held.submit(a_new_task()),
        "step": lambda: held.step(task, "Opening product page"),
        "get": lambda: held.get(task.id),
        "changed": lambda: hints.changed([task.id]),
    }
    wire.hold()
    with pytest.raises(StoreFailed) as refused:
        in_time(verbs[verb], wire.pass_on)
    wire.pass_on()

    assert "\n" not in str(refused.value)
    assert held.get(task.id).id == task.id
