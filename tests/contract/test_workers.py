"""Workers: their numbers, and who is there."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC

import pytest

from taskq.errors import WrongMoment
from taskq.process import Process


def names(workers):
    return [worker.name for worker in workers]


@pytest.fixture(scope="session")
def a_dead_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return replace(Process.current(), pid=process.pid, pid_started="1")


def test_a_worker_is_entered_as_it_is(store, open_another):
    me = Process.current()
    worker = store.enlist(me, 4, 3, ["shopify_order", "uber_ride"])

    assert open_another().workers() == [worker]
    assert worker.name == "worker-4"
    assert worker.id.startswith("worker-4.")
    assert (worker.process, worker.slots) == (me, 3)
    assert worker.types == ("shopify_order", "uber_ride")
    assert worker.started_at.tzinfo is UTC
    assert worker.alive


def test_without_a_number_a_worker_gets_the_lowest_free_one(store, a_worker):
    first, second, third = (a_worker(store) for _ in range(3))
    store.leave(second.id)

    assert names([first, second, third]) == ["worker-1", "worker-2", "worker-3"]
    assert names([a_worker(store), a_worker(store)]) == ["worker-2", "worker-4"]


def test_a_living_worker_of_the_same_number_is_refused(store, open_another, a_worker):
    a_worker(store, 1)
    a_worker(store, 2)
    with pytest.raises(WrongMoment) as refused:
        a_worker(open_another(), 1)

    assert str(refused.value) == (
        f"worker-1 is already running (pid {Process.current().pid}): taskq work --id 3"
    )
    assert len(store.workers()) == 2


def test_of_many_workers_of_one_number_at_once_one_is_entered(open_another, a_worker, together):
    stores = [open_another() for _ in range(8)]
    gave = together(*[lambda s=s: a_worker(s, 1) for s in stores])

    assert sum(isinstance(refused, WrongMoment) for refused in gave) == 7
    assert names(stores[0].workers()) == ["worker-1"]


def test_many_workers_at_once_get_a_number_each(open_another, a_worker, together):
    stores = [open_another() for _ in range(8)]
    workers = together(*[lambda s=s: a_worker(s) for s in stores])

    assert sorted(names(workers)) == [f"worker-{number}" for number in range(1, 9)]


def test_every_start_of_a_worker_has_an_id_of_its_own(store, a_worker):
    first = a_worker(store, 1)
    store.leave(first.id)
    second = a_worker(store, 1)

    assert first.name == second.name
    assert first.id != second.id


def test_a_worker_that_left_is_not_shown(store, open_another, a_worker):
    first, second = a_worker(store), a_worker(store)
    open_another().leave(first.id)
    store.leave(first.id)

    assert store.workers() == [second]


def test_workers_are_shown_oldest_first(store, a_worker):
    workers = [a_worker(store, number) for number in (3, 1, 2)]

    assert [worker.id for worker in store.workers()] == [worker.id for worker in workers]


def test_a_silent_worker_is_not_alive_and_gives_its_number_away(open_another, a_worker, until):
    brief = open_another(lease_seconds=0.2)
    silent = a_worker(brief, 1)
    until(lambda: not brief.workers()[0].alive)

    assert silent.alive
    assert a_worker(brief, 1).name == "worker-1"


def test_a_beat_says_that_a_worker_is_alive(store, hasty, a_worker):
    worker = a_worker(hasty)
    (silent,) = store.workers()
    store.beat(worker, [])
    (heard,) = store.workers()

    assert (silent.alive, heard.alive) == (False, True)
    assert heard.seen_at > worker.seen_at


def test_a_worker_whose_process_is_gone_is_not_alive(store, a_dead_process, a_worker):
    store.enlist(a_dead_process, 1, 1, ["shopify_order"])
    (gone,) = store.workers()

    assert not gone.alive
    assert a_worker(store, 1).name == "worker-1"
