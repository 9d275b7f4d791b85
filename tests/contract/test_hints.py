"""Hints: a watcher sleeps until something may have changed."""

from __future__ import annotations

import threading
import time

import pytest

FORMS = ("sqlite", "postgres", "polling", "pgbouncer-told")


@pytest.fixture
def hints(open_another, until):
    opened = open_another().hints()
    until(lambda: not opened.wait(0.05))  # what those before us had still to tell
    return opened


def test_without_a_change_waiting_ends_in_false(hints):
    begun = time.monotonic()
    changed = hints.wait(0.1)

    assert changed is False
    assert 0.1 <= time.monotonic() - begun < 2


def test_a_change_before_the_wait_is_not_missed(store, hints, a_new_task, until):
    store.submit(a_new_task())

    assert hints.wait(5) is True
    assert until(lambda: not hints.wait(0))


@pytest.mark.parametrize("verb", ["submit", "step", "count", "end", "cancel"])
def test_every_change_wakes_a_waiting_watcher(
    store, open_another, a_claimed_task, a_new_task, failed, verb
):
    task = a_claimed_task()
    hints = open_another().hints()
    change = {
        "submit": lambda: store.submit(a_new_task()),
        "step": lambda: store.step(task, "Opening product page"),
        "count": lambda: store.count(task, 1, 2),
        "end": lambda: store.end(task, failed),
        "cancel": lambda: store.cancel(task.id),
    }[verb]
    woken = []

    def watch():
        woken.append((hints.wait(20), time.monotonic()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    changed_at = time.monotonic()
    change()
    watcher.join()
    ((changed, at),) = woken

    assert changed is True
    assert at - changed_at < 2


def test_a_watcher_hears_of_other_processes(store, open_another, racers, a_claimed_task):
    task = a_claimed_task()
    hints = open_another().hints()
    racers({"do": "write", "id": task.id, "times": 1, "name": "a", "as": "outsider"})

    assert hints.wait(5) is True
    assert store.get(task.id).progress[-1].message == "a 0"


def test_every_watcher_is_woken(store, open_another, a_new_task):
    watchers = [open_another().hints() for _ in range(3)]
    store.submit(a_new_task())

    assert [watcher.wait(5) for watcher in watchers] == [True] * 3


def test_what_changed_is_told_once_to_each_who_asks(
    store, open_another, a_claimed_task, a_new_task
):
    running, waiting = a_claimed_task(), store.submit(a_new_task())[0]
    ours, theirs = open_another().hints(), open_another().hints()
    wanted = [running.id, waiting.id]

    assert {task.id: task for task in ours.changed(wanted)} == {
        running.id: running,
        waiting.id: waiting,
    }
    assert ours.changed(wanted) == []

    store.step(running, "Opening product page")

    assert ours.changed(wanted) == [store.get(running.id)]
    assert ours.changed(wanted) == []
    assert len(theirs.changed(wanted)) == 2


def test_a_renewed_lease_is_no_change(store, hints, a_worker, a_claimed_task):
    worker = a_worker(store)
    task = a_claimed_task(worker=worker)
    hints.changed([task.id])
    store.beat(worker, [task])

    hints.wait(0.1)  # a hint may come of it: it is never data
    assert hints.changed([task.id]) == []


def test_who_is_asked_for_again_is_new(hints, a_claimed_task):
    task = a_claimed_task()

    assert hints.changed([task.id]) == [task]
    assert hints.changed(["nobody"]) == []
    assert hints.changed([task.id]) == [task]
