"""Somebody else holds on to the tasks: a person at a prompt, a backup, a migration."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg
import pytest

from taskq.errors import StoreBusy


class Lock:
    """A transaction of somebody who knows nothing of taskq; nobody else writes while it lasts."""

    def __init__(self, connection, statement):
        self._connection = connection
        connection.execute("begin")
        connection.execute(statement)

    def let_go(self):
        self._connection.execute("rollback")


@pytest.fixture
def lock(request, store, store_url):
    """Take it, when asked."""
    if "://" not in store_url:
        plain = sqlite3.connect(store_url, isolation_level=None, check_same_thread=False)
        statement = "update tasks set type = type"
    else:
        name = store_url.rpartition("/")[2].partition("?")[0]
        url = request.getfixturevalue("postgres").url(name)
        plain = psycopg.connect(url, autocommit=True)
        statement = "lock table tasks, taskq.workers in exclusive mode"
    with closing(plain):
        yield lambda: Lock(plain, statement)


@pytest.mark.parametrize("verb", ["submit", "claim", "step", "beat", "enlist", "reap", "intent"])
def test_a_database_locked_by_another_is_busy_and_goes_on_once_it_is_free(
    store, store_url, open_another, lock, a_claimed_task, a_worker, a_new_task, in_time, verb
):
    """In a file nothing is done then; a server may be just at it when its client gives up."""
    impatient = open_another(patience=0.05)
    worker = a_worker(impatient)
    task = a_claimed_task()
    new = a_new_task()
    writes = {
        "submit": lambda: impatient.submit(new),
        "claim": lambda: impatient.claim(worker, {task.type: []}),
        "step": lambda: impatient.step(task, "Opening product page"),
        "beat": lambda: impatient.beat(worker, [task]),
        "enlist": lambda: a_worker(impatient),
        "reap": impatient.reap,
        "intent": lambda: impatient.intent(task, "Processing payment", {}),
    }
    locked = lock()
    with pytest.raises(StoreBusy):
        in_time(writes[verb], locked.let_go)
    locked.let_go()

    if "://" not in store_url:
        assert (store.list(), len(store.workers())) == ([task], 2)
    assert store.get(task.id).attempt == 1
    assert store.counts().get("pending", 0) <= 1
    if not (store.counts().get("pending") or store.get(task.id).intent):
        writes[verb]()


def test_a_locked_database_is_still_read_and_opened(open_another, lock, a_claimed_task):
    task = a_claimed_task()
    locked = lock()

    assert open_another(patience=0.05).get(task.id) == task
    locked.let_go()


def test_a_lock_that_goes_in_time_is_waited_for(store, lock, a_new_task, together, until):
    submitting = []
    locked = lock()

    def submit():
        submitting.append(True)
        return store.submit(a_new_task())

    def let_go():
        until(lambda: submitting)
        locked.let_go()

    (_, is_new), _ = together(submit, let_go)

    assert is_new
