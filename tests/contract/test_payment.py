"""Payment: the intent, who may take it back, and who may say what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from taskq.errors import CancelRequested, Duplicate, LeaseLost, WrongMoment
from taskq.models import Ending, Outcome, Resolution, Status
from taskq.process import Process

PAYING = "Processing payment"


def test_the_intent_and_its_entry_are_one(store, open_another, a_claimed_task, messages):
    task = a_claimed_task()
    store.intent(task, PAYING, {"shop": "kith.com", "amount": "152.40"})
    paying = open_another().get(task.id)

    assert paying.current_status is Status.PROCESSING
    assert messages(paying)[-1] == PAYING
    assert paying.intent["shop"] == "kith.com"
    assert paying.intent["amount"] == "152.40"


def test_an_intent_says_whose_it_is_and_when(store, a_claimed_task):
    task = a_claimed_task()
    store.intent(task, PAYING, {"attempt": 99, "worker": "somebody else"})
    intent = store.get(task.id).intent

    assert (intent["attempt"], intent["worker"]) == (task.attempt, task.worker)
    assert datetime.fromisoformat(intent["at"]) >= task.started_at


def test_an_intent_renews_the_lease(store, hasty, a_claimed_task, a_worker):
    task = a_claimed_task(by=hasty)
    store.step(task, "Filling shipping information")
    store.intent(task, PAYING, {})

    assert store.take(a_worker(store), [task.type]) is None


def is_refused(store, task, error):
    before = store.get(task.id)
    with pytest.raises(error) as refused:
        store.intent(task, PAYING, {})

    assert store.get(task.id) == before
    return refused.value


def test_no_intent_after_somebody_asked_to_stop(store, open_another, a_claimed_task):
    task = a_claimed_task()
    open_another().cancel(task.id)

    is_refused(store, task, CancelRequested)


def test_no_intent_once_the_lease_is_over(store, hasty, a_claimed_task):
    task = a_claimed_task(by=hasty)

    is_refused(store, task, LeaseLost)


def test_no_intent_once_the_worker_has_left(store, open_another, a_claimed_task):
    task = a_claimed_task()
    open_another().leave(task.worker)

    is_refused(store, task, LeaseLost)


def test_no_intent_of_an_attempt_that_is_over(store, a_claimed_task, a_worker, failed):
    task = a_claimed_task()
    store.release(task, "Worker stopped", free=True)
    is_refused(store, task, LeaseLost)
    again = store.claim(a_worker(store), {task.type: []})
    is_refused(store, task, LeaseLost)
    store.end(again, failed)

    is_refused(store, again, LeaseLost)


def test_no_second_intent(store, a_paying_task):
    is_refused(store, a_paying_task(), LeaseLost)


@pytest.mark.parametrize("twin", ["a_paying_task", "an_unknown_task"])
def test_no_intent_while_a_twin_may_have_bought_it(store, a_claimed_task, request, twin):
    task = a_claimed_task(identity="i")
    bought = request.getfixturevalue(twin)(identity="i")

    assert is_refused(store, task, Duplicate).other == bought.id


def test_again_and_other_identities_may_pay_beside_a_twin(store, a_claimed_task, a_paying_task):
    a_paying_task(identity="i")
    tasks = [a_claimed_task(identity="j"), a_claimed_task(identity="i", again=True)]
    for task in tasks:
        store.intent(task, PAYING, {})

    assert all(store.get(task.id).intent for task in tasks)


def test_of_many_twins_at_once_one_pays(open_another, a_claimed_task, together):
    tasks = [a_claimed_task(identity="i") for _ in range(8)]
    stores = [open_another() for _ in tasks]
    gave = together(
        *[
            lambda s=s, task=task: s.intent(task, PAYING, {})
            for s, task in zip(stores, tasks, strict=True)
        ]
    )

    assert gave.count(None) == 1
    assert sum(isinstance(refused, Duplicate) for refused in gave) == 7


def test_of_a_cancel_and_an_intent_at_once_one_is_refused(open_another, a_claimed_task, together):
    one, other = open_another(), open_another()
    for _ in range(20):
        task = a_claimed_task()
        paid, asked = together(
            lambda task=task: one.intent(task, PAYING, {}),
            lambda task=task: other.cancel(task.id),
        )

        assert isinstance(paid, CancelRequested) is not isinstance(asked, WrongMoment)
        assert bool(one.get(task.id).intent) is not one.get(task.id).cancel_requested


@pytest.mark.parametrize(
    "verb", ["reap", "release", "release-free", "leave", "cancel", "retry", "claim"]
)
def test_a_standing_intent_is_never_released(store, hasty, a_paying_task, a_worker, verb):
    task = a_paying_task(by=hasty)
    tries = {
        "reap": store.reap,
        "release": lambda: store.release(task, "Worker stopped", free=False),
        "release-free": lambda: store.release(task, "Worker stopped", free=True),
        "leave": lambda: store.leave(task.worker),
        "cancel": lambda: store.cancel(task.id),
        "retry": lambda: store.retry(task.id, 3),
        "claim": lambda: store.claim(a_worker(store), {task.type: []}, only=task.id),
    }
    refusals = {
        "release": LeaseLost,
        "release-free": LeaseLost,
        "cancel": WrongMoment,
        "retry": WrongMoment,
    }
    if refusal := refusals.get(verb):
        with pytest.raises(refusal):
            tries[verb]()
    else:
        assert not tries[verb]()

    assert store.reap() == []
    assert store.get(task.id) == task


def test_an_unknown_purchase_is_released_by_nobody(store, an_unknown_task, a_worker):
    task = an_unknown_task()
    with pytest.raises(WrongMoment, match="ended"):
        store.cancel(task.id)
    with pytest.raises(WrongMoment, match="taskq resolve"):
        store.retry(task.id, 3)
    with pytest.raises(LeaseLost):
        store.release(task, "Worker stopped", free=True)
    store.leave(task.worker)

    assert store.reap() == []
    assert store.take(a_worker(store), [task.type]) is None
    assert store.get(task.id) == task


def test_a_standing_intent_is_taken_once_its_lease_is_over(store, hasty, a_paying_task, a_worker):
    task = a_paying_task(by=hasty)
    worker = a_worker(store)
    taken = store.take(worker, [task.type])

    assert taken == store.get(task.id)
    assert (taken.attempt, taken.worker) == (task.attempt + 1, worker.id)
    assert taken.intent == task.intent
    assert taken.progress == task.progress
    assert store.take(a_worker(store), [task.type]) is None


def test_an_intent_with_a_good_lease_is_not_taken(store, a_paying_task, a_worker):
    task = a_paying_task()

    assert store.take(a_worker(store), [task.type]) is None
    assert store.get(task.id) == task


def test_only_standing_intents_of_known_types_are_taken(
    store, hasty, a_claimed_task, a_paying_task, a_worker
):
    task = a_paying_task(by=hasty)
    a_claimed_task(by=hasty)
    worker = a_worker(store)

    assert store.take(worker, ["uber_ride"]) is None
    assert store.take(worker, []) is None
    assert store.take(worker, ["uber_ride", task.type]).id == task.id
    assert store.take(worker, [task.type]) is None


def test_an_intent_is_left_to_the_host_that_wrote_it_for_the_window(store, hasty, a_paying_task):
    task = a_paying_task(by=hasty)
    elsewhere = replace(Process.current(), host="elsewhere")
    worker = store.enlist(elsewhere, None, 1, [task.type])

    assert store.take(worker, [task.type], window=600) is None
    assert store.take(worker, [task.type], window=0).id == task.id


def test_an_intent_of_this_host_is_taken_at_once(store, hasty, a_paying_task, a_worker):
    task = a_paying_task(by=hasty)

    assert store.take(a_worker(store), [task.type], window=600).id == task.id


def test_of_many_takes_at_once_one_succeeds(
    store, hasty, open_another, a_paying_task, a_worker, together
):
    task = a_paying_task(by=hasty)
    starts = [(open_another(), a_worker(store)) for _ in range(8)]
    takes = together(*[lambda s=s, w=w: s.take(w, [task.type]) for s, w in starts])

    assert sum(took is not None for took in takes) == 1
    assert store.get(task.id).attempt == task.attempt + 1


def test_a_withdrawn_intent_goes_back_to_the_queue(store, a_paying_task, a_worker, messages):
    task = a_paying_task()
    withdrawn = store.withdraw(task, "the page was too slow")

    assert withdrawn == store.get(task.id)
    assert withdrawn.current_status is Status.PENDING
    assert (withdrawn.intent, withdrawn.worker, withdrawn.error_message) == (None, None, None)
    assert messages(withdrawn)[-1] == "Payment not started: the page was too slow"
    assert store.claim(a_worker(store), {task.type: []}).attempt == task.attempt + 1


def test_a_withdrawal_after_the_last_attempt_fails(store, a_paying_task, messages):
    withdrawn = store.withdraw(a_paying_task(max_attempts=1), "too slow")

    assert withdrawn.outcome is Outcome.FAILED
    assert withdrawn.intent is None
    assert withdrawn.completed_at is not None
    assert "too slow" in withdrawn.error_message
    assert messages(withdrawn)[-1] == "Payment not started: too slow"


def test_the_writer_of_an_intent_withdraws_it_whoever_owns_the_task_by_now(
    store, hasty, a_paying_task, a_worker
):
    task = a_paying_task(by=hasty)
    taken = store.take(a_worker(store), [task.type])
    withdrawn = store.withdraw(task, "too slow")

    assert withdrawn.current_status is Status.PENDING
    with pytest.raises(LeaseLost):
        store.end(taken, Ending(Status.FAILED, "Checkout failed", "Needs review"))
    assert store.get(task.id) == withdrawn


def test_an_unknown_purchase_is_withdrawn_by_its_writer(store, an_unknown_task):
    task = an_unknown_task()
    withdrawn = store.withdraw(task, "too slow")

    assert (withdrawn.current_status, withdrawn.outcome) == (Status.PENDING, None)
    assert (withdrawn.completed_at, withdrawn.error_message) == (None, None)


def test_nobody_withdraws_the_intent_of_another(store, hasty, a_paying_task, a_worker):
    task = a_paying_task(by=hasty)
    taken = store.take(a_worker(store), [task.type])
    with pytest.raises(LeaseLost):
        store.withdraw(taken, "too slow")

    assert store.get(task.id) == taken


def test_nobody_withdraws_a_later_intent(store, an_unknown_task, a_worker):
    zombie = an_unknown_task()
    store.resolve(zombie.id, Resolution(done=False, messages=("No",), retry=True), 3)
    again = store.claim(a_worker(store), {zombie.type: []})
    store.intent(again, PAYING, {})
    before = store.get(zombie.id)
    with pytest.raises(LeaseLost):
        store.withdraw(zombie, "too slow")

    assert store.get(zombie.id) == before


def test_nothing_is_withdrawn_twice_or_without_an_intent(store, a_claimed_task, a_paying_task):
    for task, prepare in (
        (a_claimed_task(), lambda task: task),
        (a_paying_task(), lambda task: store.withdraw(task, "too slow")),
    ):
        prepare(task)
        before = store.get(task.id)
        with pytest.raises(LeaseLost):
            store.withdraw(task, "too slow")

        assert store.get(task.id) == before


def test_a_purchase_is_not_withdrawn(store, a_paying_task, placed):
    task = a_paying_task()
    bought = store.end(task, placed)
    with pytest.raises(LeaseLost):
        store.withdraw(task, "too slow")

    assert store.get(task.id) == bought


def test_a_decline_clears_the_intent(store, a_paying_task):
    declined = store.end(
        a_paying_task(),
        Ending(Status.FAILED, "Checkout failed: declined", "declined", clears_intent=True),
    )

    assert declined.intent is None
    assert declined.outcome is Outcome.FAILED


def test_a_zombies_decline_is_refused(store, hasty, a_paying_task, a_worker):
    task = a_paying_task(by=hasty)
    taken = store.take(a_worker(store), [task.type])
    with pytest.raises(LeaseLost):
        store.end(task, Ending(Status.FAILED, "Declined", "declined", clears_intent=True))

    assert store.get(task.id) == taken


def test_a_failure_with_a_standing_intent_is_unknown(store, a_paying_task):
    ended = store.end(a_paying_task(), Ending(Status.FAILED, "Failed", "Needs review: no answer"))

    assert ended.outcome is Outcome.UNKNOWN
    assert ended.intent is not None


def test_a_zombies_evidence_is_accepted(store, hasty, a_paying_task, a_worker, placed):
    task = a_paying_task(by=hasty)
    taken = store.take(a_worker(store), [task.type])
    bought = store.end(task, placed)

    assert bought == store.get(task.id)
    assert bought.outcome is Outcome.SUCCEEDED
    assert bought.result_data["order"] == "1001"
    assert bought.attempt == taken.attempt
    with pytest.raises(LeaseLost):
        store.end(taken, Ending(Status.FAILED, "Failed", "Needs review"))


def test_evidence_is_accepted_after_the_task_ended_as_unknown(
    store, an_unknown_task, placed, messages
):
    task = an_unknown_task()
    bought = store.end(task, placed)

    assert bought.outcome is Outcome.SUCCEEDED
    assert bought.error_message is None
    assert messages(bought) == [*messages(task), "Order placed successfully"]


@pytest.mark.parametrize("said", ["not done", "not done, once more"])
def test_evidence_overrules_a_person_who_thought_that_nothing_was_bought(
    store, an_unknown_task, placed, messages, a_worker, said
):
    task = an_unknown_task()
    again = said.endswith("once more")
    no = Resolution(done=False, messages=("No",), error=None if again else "No", retry=again)
    store.resolve(task.id, no, 3)
    bought = store.end(task, placed)

    assert bought.outcome is Outcome.SUCCEEDED
    assert messages(bought)[-2:] == ["The order was placed after all", "Order placed successfully"]
    assert store.claim(a_worker(store), {task.type: []}) is None


def test_evidence_stops_the_attempt_that_would_have_bought_it_again(
    store, an_unknown_task, placed, a_worker
):
    task = an_unknown_task()
    store.resolve(task.id, Resolution(done=False, messages=("No",), retry=True), 3)
    again = store.claim(a_worker(store), {task.type: []})
    store.end(task, placed)

    with pytest.raises(LeaseLost):
        store.intent(again, PAYING, {})
    assert store.get(task.id).result_data["order"] == "1001"


def test_without_evidence_a_zombies_purchase_is_refused(
    store, hasty, a_paying_task, a_worker, placed
):
    task = a_paying_task(by=hasty)
    taken = store.take(a_worker(store), [task.type])
    with pytest.raises(LeaseLost):
        store.end(task, Ending(Status.COMPLETED, placed.message))

    assert store.get(task.id) == taken


def test_of_evidence_and_a_verifiers_doubt_at_once_the_evidence_stands(
    store, hasty, open_another, a_paying_task, a_worker, together, placed
):
    one, other, worker = open_another(), open_another(), a_worker(store)
    doubt = Ending(Status.FAILED, "Checkout failed", "Needs review: not found")
    for _ in range(20):
        task = a_paying_task(by=hasty)
        taken = store.take(worker, [task.type])
        together(
            lambda task=task: one.end(task, placed),
            lambda taken=taken: other.end(taken, doubt),
        )

        assert store.get(task.id).outcome is Outcome.SUCCEEDED
