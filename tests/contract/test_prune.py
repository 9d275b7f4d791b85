"""Letting go of what has long ended, and of nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from taskq.errors import TaskNotFound
from taskq.models import Resolution

LATER = timedelta(hours=1)


@pytest.fixture
def prune():
    """Prune what ended before an hour after *task* did; which went, by the store and by us."""

    def run(store, task, after=LATER):
        before = task.completed_at + after
        forgotten = []
        pruned = store.prune(store.prunable(before), before, forgotten.append)
        assert forgotten == list(pruned)
        return sorted(pruned)

    return run


def test_ended_tasks_are_pruned_and_are_gone(
    store, open_another, a_new_task, a_claimed_task, failed, placed, prune
):
    bought = store.end(a_claimed_task(), placed)
    lost = store.end(a_claimed_task(), failed)
    cancelled = store.cancel(store.submit(a_new_task())[0].id)

    assert store.prunable(cancelled.completed_at + LATER) == [bought.id, lost.id, cancelled.id]
    assert prune(store, cancelled) == sorted([bought.id, lost.id, cancelled.id])
    for task in (bought, lost, cancelled):
        with pytest.raises(TaskNotFound):
            open_another().get(task.id)


def test_nothing_younger_is_pruned(store, a_claimed_task, failed, prune):
    older = store.end(a_claimed_task(), failed)
    younger = store.end(a_claimed_task(), failed)

    assert prune(store, older, after=timedelta()) == []
    assert prune(store, younger, after=timedelta()) == [older.id]
    assert store.get(younger.id) == younger


def test_what_waits_runs_pays_or_needs_review_is_never_pruned(
    store, a_new_task, a_claimed_task, a_paying_task, an_unknown_task, failed, prune
):
    there = [store.submit(a_new_task())[0], a_claimed_task(), a_paying_task(), an_unknown_task()]
    ended = store.end(a_claimed_task(), failed)

    assert prune(store, ended) == [ended.id]
    assert [store.get(task.id).current_status for task in there] == [
        task.current_status for task in there
    ]


@pytest.mark.parametrize("standing", ["a_paying_task", "an_unknown_task"])
def test_what_wants_the_same_as_a_standing_payment_stays(
    store, a_claimed_task, failed, prune, request, standing
):
    tried = store.end(a_claimed_task(identity="hoodie"), failed)
    other = store.end(a_claimed_task(identity="mug"), failed)
    request.getfixturevalue(standing)(identity="hoodie")

    assert prune(store, other) == [other.id]
    assert store.get(tried.id) == tried


def test_what_somebody_has_resolved_is_pruned_as_any_other(store, an_unknown_task, prune):
    task = an_unknown_task(identity="hoodie")
    not_bought = Resolution(done=False, messages=("Not bought",), error="not bought")
    resolved = store.resolve(task.id, not_bought, 3)

    assert prune(store, resolved) == [task.id]


def test_what_was_brought_back_meanwhile_stays(store, a_claimed_task, failed):
    task = store.end(a_claimed_task(), failed)
    before = task.completed_at + LATER
    ids = store.prunable(before)
    store.retry(task.id, 3)

    assert store.prune(ids, before, pytest.fail) == []
    assert store.get(task.id).id == task.id


def test_what_cannot_be_forgotten_is_not_pruned(store, a_claimed_task, failed):
    tasks = [store.end(a_claimed_task(), failed) for _ in range(2)]
    before = tasks[-1].completed_at + LATER

    def forget(task_id):
        if task_id == tasks[-1].id:
            raise PermissionError(task_id)

    with pytest.raises(PermissionError, match=tasks[-1].id):
        store.prune(store.prunable(before), before, forget)
    assert [store.get(task.id) for task in tasks] == tasks


def test_a_key_is_free_again_once_its_task_is_pruned(store, a_new_task, prune):
    first = store.cancel(store.submit(a_new_task(key="monday"))[0].id)
    prune(store, first)

    assert store.submit(a_new_task(key="monday"))[1]
