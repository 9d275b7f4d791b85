"""Workers whose database is locked, upgraded or made read-only under their hands."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from taskq import registry
from taskq.models import NewTask, Outcome
from taskq.settings import load
from taskq.stores import open_store
from taskq.stores.sqlite import schema
from taskq.worker import Work
from taskq.worker.orders import Orders, Told
from tests.conftest import wait_for
from tests.faults.conftest import COURIER


@pytest.fixture
def plain(home):
    """A connection of somebody who knows nothing of taskq."""
    with closing(sqlite3.connect(home / "taskq.db", isolation_level=None)) as connection:
        yield connection


@pytest.fixture
def nobody(taskq):
    """A worker that has nothing to do."""
    worker = taskq.start("work", "--id", 1, "--import", COURIER, "--type", "nothing")
    wait_for(lambda: "Waiting" in taskq.output(worker))
    return worker


def test_a_worker_waits_for_a_locked_database_and_says_so_once_it_lasts(home, plain):
    registry.load_imports([str(COURIER)])
    handlers = {"nothing": registry.find("nothing")}
    notices = []

    def unlock(said):
        notices.append(said)
        if plain.in_transaction:
            plain.execute("rollback")

    told = Told(started=lambda _: plain.execute("begin immediate"), notice=unlock)
    with closing(open_store(str(home / "taskq.db"), patience=0.05)) as store:
        store.submit(NewTask("k7f", "nothing", {"number": 1}))
        asyncio.run(Work(store, load(), handlers, Orders(drain=True), told).run())

        assert store.get("k7f").outcome is Outcome.SUCCEEDED
    assert notices
    assert "stays locked by another process" in notices[0]
    assert notices[1:] == ["The database answers again"]


def test_an_older_worker_leaves_when_a_newer_taskq_has_changed_the_file(nobody, taskq, plain):
    plain.execute(f"pragma user_version = {schema.VERSION + 1}")

    assert nobody.wait(10) == 5
    last = taskq.output(nobody).splitlines()[-1]
    assert last.startswith("taskq: A newer taskq wrote the database")
    assert last.endswith("pip install --upgrade taskq")
