"""Ending: everything in one write, once, and the outcome that follows from the row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from taskq.errors import LeaseLost
from taskq.models import Ending, Outcome, Resolution, Status


def test_the_end_is_one_write(store, open_another, a_claimed_task, messages):
    task = a_claimed_task()
    watcher = open_another()
    hints = watcher.hints()
    ended = store.end(task, Ending(Status.FAILED, "Checkout failed: sold out", "sold out"))
    seen = watcher.get(task.id)

    assert hints.wait(5)
    assert not hints.wait(0)
    assert seen == ended
    assert seen.current_status is Status.FAILED
    assert seen.ended
    assert (messages(seen)[-1], seen.error_message) == ("Checkout failed: sold out", "sold out")
    assert seen.completed_at >= seen.started_at


def test_a_watcher_never_sees_half_an_end(
    store, open_another, a_claimed_task, together, until, placed
):
    watcher = open_another()
    for _ in range(10):
        task = a_claimed_task()

        def look(task=task):
            seen = watcher.get(task.id)
            assert seen.ended is (seen.progress[-1].message == placed.message)
            return seen if seen.ended else None

        def watch(look=look):
            return until(look)

        seen, ended = together(watch, lambda task=task: store.end(task, placed))

        assert seen == ended


def test_results_are_put_beside_what_is_there(store, a_claimed_task, messages):
    task = a_claimed_task()
    store.count(task, 3, 4)
    ended = store.end(
        task, Ending(Status.COMPLETED, "Done", result={"order": "1001", "progress": "none"})
    )

    assert ended.result_data["order"] == "1001"
    assert ended.result_data["count"] == {"done": 3, "total": 4}
    assert messages(ended) == ["Task started by worker-1", "Done"]


def test_an_end_without_a_message_adds_no_entry(store, a_claimed_task, messages):
    ended = store.end(a_claimed_task(), Ending(Status.COMPLETED))

    assert messages(ended) == ["Task started by worker-1"]


@pytest.mark.parametrize("ending", ["placed", "failed"])
def test_a_repeated_identical_end_changes_nothing(store, a_paying_task, request, ending):
    ending = request.getfixturevalue(ending)
    task = a_paying_task()
    ended = store.end(task, ending)

    assert store.end(task, ending) == ended
    assert store.get(task.id) == ended


def test_a_repeated_identical_end_is_known_by_its_meaning(store, a_claimed_task):
    task = a_claimed_task()
    ending = Ending(Status.FAILED, "Checkout failed:\n" + "long " * 100, "long")
    ended = store.end(task, ending)

    assert store.end(task, ending) == ended


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status.COMPLETED, "error": None},
        {"message": "Checkout failed: too dear"},
        {"error": "too dear"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_different_end_is_refused(store, a_claimed_task, failed, change):
    task = a_claimed_task()
    ended = store.end(task, failed)
    with pytest.raises(LeaseLost):
        store.end(task, replace(failed, **change))

    assert store.get(task.id) == ended


def test_a_purchase_of_another_attempt_for_a_completed_task_is_said_aloud_once(
    store, a_paying_task, placed, messages
):
    task = a_paying_task()
    bought = store.end(task, placed)
    second = replace(placed, result={"order": "1002"}, evidence=2)
    store.end(task, second)
    found = store.end(task, second)

    assert found == store.get(task.id)
    assert (found.outcome, found.result_data["order"]) == (bought.outcome, "1001")
    assert messages(found) == [*messages(bought), "Conflict: a second order was placed: 1002"]


def test_a_second_purchase_without_a_number_is_said_aloud_as_well(
    store, a_paying_task, placed, messages
):
    task = a_paying_task()
    store.end(task, placed)
    found = store.end(task, replace(placed, result={"order": None}, evidence=2))

    assert messages(found)[-1].startswith("Conflict: a second order was placed: its number is not")


def test_one_purchase_read_in_two_ways_is_no_second_one(store, a_paying_task, placed, messages):
    task = a_paying_task()
    bought = store.end(task, placed)
    found = store.end(task, replace(placed, result={"order": "1YRC8ZIPW"}))

    assert found == bought


def test_another_end_of_a_completed_task_is_refused(store, a_paying_task, placed):
    task = a_paying_task()
    bought = store.end(task, placed)
    with pytest.raises(LeaseLost):
        store.end(task, replace(placed, result={"order": "1002"}, evidence=None))

    assert store.get(task.id) == bought


def test_of_two_ends_at_once_one_is_refused(open_another, a_claimed_task, together, placed, failed):
    one, other, done = open_another(), open_another(), replace(placed, evidence=None)
    for _ in range(10):
        task = a_claimed_task()
        gave = together(
            lambda task=task: one.end(task, done), lambda task=task: other.end(task, failed)
        )

        assert sum(isinstance(refused, LeaseLost) for refused in gave) == 1
        assert one.get(task.id) in gave


def test_a_released_or_reclaimed_task_is_not_ended_by_its_old_owner(
    store, a_claimed_task, a_worker, failed
):
    task = a_claimed_task()
    released = store.release(task, "Worker stopped", free=True)
    with pytest.raises(LeaseLost):
        store.end(task, failed)
    assert store.get(task.id) == released
    again = store.claim(a_worker(store), {task.type: []})
    with pytest.raises(LeaseLost):
        store.end(task, failed)

    assert store.get(task.id) == again


def test_succeeded_is_what_was_completed(store, a_claimed_task, a_paying_task, placed):
    dry = store.end(a_claimed_task(), Ending(Status.COMPLETED, "Dry run: nothing was bought"))
    bought = store.end(a_paying_task(), placed)

    assert (dry.outcome, bought.outcome) == (Outcome.SUCCEEDED, Outcome.SUCCEEDED)


def test_succeeded_is_what_was_completed_though_somebody_asked_to_stop(store, a_claimed_task):
    task = a_claimed_task()
    store.cancel(task.id)
    ended = store.end(task, Ending(Status.COMPLETED, "Done"))

    assert ended.outcome is Outcome.SUCCEEDED


def test_failed_is_what_is_known_not_to_have_bought(store, a_claimed_task, failed):
    assert store.end(a_claimed_task(), failed).outcome is Outcome.FAILED


def test_cancelled_is_what_failed_because_somebody_asked(store, a_new_task, a_claimed_task):
    waiting, _ = store.submit(a_new_task())
    running = a_claimed_task()
    store.cancel(running.id)
    stopped = store.end(running, Ending(Status.FAILED, "Cancelled", "Cancelled"))

    assert store.cancel(waiting.id).outcome is Outcome.CANCELLED
    assert stopped.outcome is Outcome.CANCELLED


def test_unknown_is_what_failed_past_its_intent_until_a_person_says(store, an_unknown_task):
    task = an_unknown_task()
    resolved = store.resolve(task.id, Resolution(done=False, messages=("No",), error="no"), 3)

    assert task.outcome is Outcome.UNKNOWN
    assert resolved.outcome is Outcome.FAILED


def test_what_has_not_ended_has_no_outcome(store, a_new_task, a_claimed_task, a_paying_task):
    tasks = [store.submit(a_new_task())[0], a_claimed_task(), a_paying_task()]

    assert [task.outcome for task in tasks] == [None] * 3
    assert [task.ended for task in tasks] == [False] * 3


@pytest.mark.parametrize(
    ("result", "kept"),
    [
        ({"order": "10\x0001"}, {"order": "1001"}),
        ({"order": r"a\u0000b"}, {"order": r"a\u0000b"}),
        ({"order": "1", "total": float("nan")}, {"order": "1", "total": None}),
        ({"order": "1", "all": [float("inf")]}, {"order": "1", "all": [None]}),
    ],
)
def test_a_result_that_json_cannot_hold_is_no_reason_to_lose_an_order(
    store, a_paying_task, result, kept
):
    task = a_paying_task()
    ended = store.end(task, Ending(Status.COMPLETED, "Placed", result=result, evidence=1))

    assert {key: ended.result_data[key] for key in kept} == kept
    assert store.get(task.id) == ended
