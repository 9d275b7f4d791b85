"""A connection that breaks while a question or its answer is under way: nothing twice, or lost."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from itertools import count, product
from types import SimpleNamespace

import psycopg
import pytest

from taskq.errors import StoreFailed
from taskq.stores import open_store
from tests.contract import deeds
from tests.contract.conftest import clean
from tests.contract.wire import Wire

FORMS = ("postgres",)


@pytest.fixture
def it(store, hasty, request):
    """The test's own hands: their connections do not break."""
    names = "a_new_task a_worker a_claimed_task a_paying_task an_unknown_task"
    named = {n: request.getfixturevalue(n) for n in [*names.split(), "placed", "failed"]}
    messages = request.getfixturevalue("messages")
    later = timedelta(hours=1)
    return SimpleNamespace(store=store, hasty=hasty, messages=messages, later=later, **named)


@pytest.fixture(params=["server"])
def wire(request, postgres):
    """Before the server itself, or before a pooler."""
    near = request.getfixturevalue("pgbouncer") if request.param == "pooler" else postgres
    with closing(Wire(near.port)) as opened:
        yield opened


@pytest.fixture
def far_store(postgres, wire, store_url):
    """The same store, over the wire."""
    url = postgres.url(store_url.rpartition("/")[2], port=wire.port)
    with closing(open_store(url)) as opened:
        yield opened


def rows_are_gone(postgres, url):
    clean(postgres, url.rpartition("/")[2], is_pooled=True)


POOLED = (deeds.submit, deeds.claim, deeds.step, deeds.intent, deeds.end)


@pytest.mark.parametrize(
    ("wire", "what", "deed"),
    [
        *product(["server"], ["question", "answer"], deeds.DEEDS),
        *product(["pooler"], ["answer"], POOLED),
    ],
    indirect=["wire"],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_what_is_lost_on_the_way_is_done_once_and_answered(
    it, wire, far_store, postgres, store_url, deed, what
):
    far_store.counts()  # connected
    for number in count(1):
        story = deed(it)
        verb = next(story)
        wire.lose(what, number)
        gave = verb(far_store)
        wire.lose_nothing()
        with pytest.raises(StopIteration):
            story.send(gave)
        if not wire.lost:
            break
        rows_are_gone(postgres, store_url)

    assert number > 1


def test_a_write_of_which_nobody_can_know_is_said_to_be_in_doubt(
    postgres, wire, store, store_url, a_new_task
):
    name = store_url.rpartition("/")[2]
    with closing(open_store(postgres.url(name, port=wire.port), patience=10)) as far:
        far._connections.patience = 0.5
        wire.lose("answer", 1, for_good=True)
        with pytest.raises(StoreFailed, match="whether it was written is not known") as doubt:
            far.submit(a_new_task())

    assert str(doubt.value).endswith("Look before you ask again: taskq list")
    assert len(store.list()) == 1


WAITING = (
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)


@pytest.mark.parametrize("deed", deeds.DEEDS, ids=lambda deed: deed.__name__)
def test_what_the_server_is_still_at_when_its_client_is_gone_is_done_once(
    it, wire, far_store, postgres, store_url, deed, until
):
    """Whoever comes back and sees that nothing was done must not be overtaken by the first."""
    name = store_url.rpartition("/")[2]
    far_store.counts()  # connected
    story = deed(it)
    verb = next(story)
    with (
        closing(psycopg.connect(postgres.url(name))) as busy,
        closing(psycopg.connect(postgres.url(name), autocommit=True)) as looking,
        ThreadPoolExecutor(1) as elsewhere,
    ):
        busy.execute("lock table public.tasks, taskq.workers in exclusive mode")
        doing = elsewhere.submit(verb, far_store)
        until(lambda: looking.execute(WAITING).rowcount)
        wire.hang_up()
        time.sleep(0.3)  # it comes back meanwhile, and looks
        busy.rollback()
        gave = doing.result(20)
    with pytest.raises(StopIteration):
        story.send(gave)
