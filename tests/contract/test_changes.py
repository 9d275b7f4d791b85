"""Changes of mind: cancel, retry, resolve."""

from __future__ import annotations

import pytest

from taskq.errors import TaskNotFound, WrongMoment
from taskq.models import Ending, Outcome, Resolution, Status

NOT_BOUGHT = Resolution(done=False, messages=("Not bought",), error="not bought")


@pytest.mark.parametrize("verb", ["cancel", "retry", "resolve"])
def test_what_is_not_there_cannot_be_changed(store, verb):
    changes = {
        "cancel": lambda: store.cancel("nobody"),
        "retry": lambda: store.retry("nobody", 3),
        "resolve": lambda: store.resolve("nobody", NOT_BOUGHT, 3),
    }
    with pytest.raises(TaskNotFound):
        changes[verb]()


def is_refused(store, task, change, words):
    before = store.get(task.id)
    with pytest.raises(WrongMoment, match=words):
        change()

    assert store.get(task.id) == before


def test_a_pending_task_is_cancelled_at_once(store, a_new_task, a_worker, messages):
    task, _ = store.submit(a_new_task())
    cancelled = store.cancel(task.id)

    assert cancelled == store.get(task.id)
    assert cancelled.outcome is Outcome.CANCELLED
    assert (messages(cancelled), cancelled.error_message) == (["Cancelled"], "Cancelled")
    assert cancelled.completed_at >= cancelled.created_at
    assert store.claim(a_worker(store), {task.type: []}) is None


def test_a_running_task_is_asked_to_stop(store, a_claimed_task):
    task = a_claimed_task()
    asked = store.cancel(task.id)

    assert asked.cancel_requested
    assert asked.current_status is Status.PROCESSING
    assert asked.progress == task.progress
    assert store.cancel(task.id) == asked


def test_a_payment_in_progress_is_not_cancelled(store, a_paying_task):
    task = a_paying_task()

    is_refused(store, task, lambda: store.cancel(task.id), "payment in progress")


def test_what_has_ended_is_not_cancelled(store, a_claimed_task, an_unknown_task, failed, placed):
    tasks = [
        store.end(a_claimed_task(), failed),
        store.end(a_claimed_task(), placed),
        store.cancel(store.release(a_claimed_task(), "Worker stopped", free=True).id),
        an_unknown_task(),
    ]
    for task in tasks:
        is_refused(store, task, lambda task=task: store.cancel(task.id), str(task.outcome))


def test_of_a_cancel_and_a_claim_at_once_both_are_honoured(
    store, open_another, a_new_task, a_worker, together
):
    other, worker = open_another(), a_worker(store)
    for _ in range(20):
        task, _ = store.submit(a_new_task())
        claimed, asked = together(
            lambda task=task: store.claim(worker, {task.type: []}, only=task.id),
            lambda task=task: other.cancel(task.id),
        )

        assert asked.cancel_requested
        assert (claimed is None) is (store.get(task.id).outcome is Outcome.CANCELLED)


def test_a_failed_task_is_retried(store, a_claimed_task, a_worker, failed):
    ended = store.end(a_claimed_task(), failed)
    retried = store.retry(ended.id, 3)
    claimed = store.claim(a_worker(store), {ended.type: []})

    assert retried.current_status is Status.PENDING
    assert (retried.started_at, retried.completed_at) == (None, None)
    assert (retried.error_message, retried.outcome) == (None, None)
    assert retried.max_attempts == ended.attempt + 3
    assert retried.progress[: len(ended.progress)] == ended.progress
    assert (claimed.id, claimed.attempt) == (ended.id, ended.attempt + 1)
    assert claimed.started_at >= ended.completed_at


def test_a_cancelled_task_is_retried_and_no_longer_asked_to_stop(store, a_new_task, a_worker):
    task, _ = store.submit(a_new_task())
    store.cancel(task.id)
    retried = store.retry(task.id, 3)
    claimed = store.claim(a_worker(store), {task.type: []})

    assert not retried.cancel_requested
    assert store.step(claimed, "Opening product page") is False


def test_a_declined_task_is_retried(store, a_paying_task):
    declined = Ending(Status.FAILED, "Checkout failed: declined", "declined", clears_intent=True)
    task = store.end(a_paying_task(), declined)

    assert store.retry(task.id, 3).current_status is Status.PENDING


def test_a_retried_task_counts_its_crashes_anew(store, hasty, a_new_task, a_worker):
    task, _ = store.submit(a_new_task(max_attempts=2))
    worker = a_worker(store)
    for attempts in (2, 1):
        for _ in range(attempts):
            hasty.claim(worker, {task.type: []})
            (lost,) = store.reap()
        said = "Worker crashed 2 times at: " if attempts == 2 else "Worker crashed at: "

        assert lost.error_message == said + "Task started by worker-1"
        if attempts == 2:
            store.retry(task.id, 1)


def test_what_has_not_failed_is_not_retried(
    store, a_new_task, a_claimed_task, a_paying_task, placed
):
    tasks = [
        store.submit(a_new_task())[0],
        a_claimed_task(),
        a_paying_task(),
        store.end(a_claimed_task(), placed),
    ]
    for task in tasks:
        words = str(task.outcome or task.current_status)
        is_refused(store, task, lambda task=task: store.retry(task.id, 3), words)


def test_an_unknown_purchase_is_not_retried(store, an_unknown_task):
    task = an_unknown_task()

    is_refused(store, task, lambda: store.retry(task.id, 3), "taskq resolve")


def test_a_person_found_the_order(store, an_unknown_task, messages):
    task = an_unknown_task()
    resolution = Resolution(
        done=True, messages=("Resolved by kim", "Order placed"), result={"order": "1001"}
    )
    resolved = store.resolve(task.id, resolution, 3)

    assert resolved == store.get(task.id)
    assert resolved.outcome is Outcome.SUCCEEDED
    assert resolved.error_message is None
    assert resolved.result_data["order"] == "1001"
    assert resolved.completed_at >= task.completed_at
    assert messages(resolved) == [*messages(task), "Resolved by kim", "Order placed"]


def test_a_person_found_no_order(store, an_unknown_task, messages):
    task = an_unknown_task()
    resolved = store.resolve(task.id, NOT_BOUGHT, 3)

    assert resolved.outcome is Outcome.FAILED
    assert resolved.intent is None
    assert (resolved.error_message, messages(resolved)[-1]) == ("not bought", "Not bought")
    assert store.retry(task.id, 3).current_status is Status.PENDING


def test_a_person_found_no_order_and_wants_it_still(store, an_unknown_task, a_worker, messages):
    task = an_unknown_task()
    resolution = Resolution(done=False, messages=("Not bought",), error="not bought", retry=True)
    resolved = store.resolve(task.id, resolution, 2)
    claimed = store.claim(a_worker(store), {task.type: []})

    assert resolved.current_status is Status.PENDING
    assert (resolved.intent, resolved.error_message, resolved.completed_at) == (None, None, None)
    assert resolved.max_attempts == task.attempt + 2
    assert messages(resolved)[-1] == "Not bought"
    assert claimed.attempt == task.attempt + 1
    assert claimed.started_at >= task.completed_at


def test_only_the_unknown_is_resolved(
    store, a_new_task, a_claimed_task, a_paying_task, failed, placed
):
    tasks = [
        store.submit(a_new_task())[0],
        a_claimed_task(),
        a_paying_task(),
        store.end(a_claimed_task(), failed),
        store.end(a_claimed_task(), placed),
    ]
    for task in tasks:
        words = str(task.outcome or task.current_status)
        is_refused(store, task, lambda task=task: store.resolve(task.id, NOT_BOUGHT, 3), words)


def test_of_two_people_one_resolves(open_another, an_unknown_task, together):
    task = an_unknown_task()
    one, other = open_another(), open_another()
    gave = together(
        lambda: one.resolve(task.id, Resolution(done=True, messages=("Found",)), 3),
        lambda: other.resolve(task.id, NOT_BOUGHT, 3),
    )

    assert sum(isinstance(refused, WrongMoment) for refused in gave) == 1
    assert one.get(task.id) in gave
