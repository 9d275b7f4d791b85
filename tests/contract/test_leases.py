"""Leases: how long an owner may be silent, and what becomes of its task after that."""

from __future__ import annotations

import pytest

from taskq.errors import LeaseLost
from taskq.models import Beat, Outcome, Status

SHORT = 0.2


def test_a_silent_owner_loses_its_task_and_nobody_else_does(
    store, open_another, a_claimed_task, until, messages
):
    brief = open_another(lease_seconds=SHORT)
    silent, talking = a_claimed_task(by=brief), a_claimed_task()
    lost = until(store.reap)

    assert [task.id for task in lost] == [silent.id]
    assert lost[0] == store.get(silent.id)
    assert lost[0].current_status is Status.PENDING
    assert lost[0].worker is None
    assert messages(lost[0])[-1] == "Worker crashed: back in the queue"
    assert store.get(talking.id) == talking


def test_a_lease_is_good_until_it_is_over(store, open_another, a_claimed_task):
    a_claimed_task(by=open_another(lease_seconds=30))

    assert store.reap() == []


def lease_of(store, task):
    """When it is over, by the store's own clock."""
    return store.query(f"select lease_expires_at from tasks where id = '{task.id}'").rows[0][0]


@pytest.mark.parametrize("sign", ["step", "count", "beat"])
def test_a_sign_of_life_renews_the_lease(store, open_another, a_claimed_task, a_worker, sign):
    worker = a_worker(store)
    task, other = (a_claimed_task(worker=worker) for _ in range(2))
    before = [lease_of(store, each) for each in (task, other)]
    patient = open_another(lease_seconds=600)
    {
        "step": lambda: patient.step(task, "Opening product page"),
        "count": lambda: patient.count(task, 1, 2),
        "beat": lambda: patient.beat(worker, [task]),
    }[sign]()

    after = [lease_of(store, each) for each in (task, other)]
    assert after[0] > before[0]
    assert after[1] == before[1]


def test_a_note_from_outside_is_no_sign_of_life(store, hasty, a_claimed_task):
    task = a_claimed_task(by=hasty)
    store.note(task.id, "Still waiting?")

    assert [lost.id for lost in store.reap()] == [task.id]


def test_beats_keep_a_lease_as_long_as_they_come(store, open_another, a_claimed_task, a_worker):
    brief = open_another(lease_seconds=5)
    worker = a_worker(store)
    task = a_claimed_task(by=brief, worker=worker)
    for _ in range(50):
        assert brief.beat(worker, [task]) == Beat(frozenset(), frozenset())
        assert store.reap() == []


def test_a_beat_tells_what_is_lost_and_what_is_to_stop(store, a_claimed_task, a_worker, failed):
    worker = a_worker(store, slots=4)
    kept, asked, released, ended = (a_claimed_task(worker=worker) for _ in range(4))
    store.cancel(asked.id)
    store.release(released, "Worker stopped", free=True)
    store.end(ended, failed)

    assert store.beat(worker, [kept, asked, released, ended]) == Beat(
        lost=frozenset({released.id, ended.id}), cancelled=frozenset({asked.id})
    )


def test_a_beat_renews_no_lease_that_is_over(store, hasty, a_claimed_task, a_worker):
    worker = a_worker(store)
    task = a_claimed_task(by=hasty, worker=worker)

    assert store.beat(worker, [task]).lost == {task.id}
    assert [lost.id for lost in store.reap()] == [task.id]


def test_a_beat_keeps_the_lease_of_a_payment(store, open_another, a_paying_task, a_worker):
    worker = a_worker(store)
    task = a_paying_task(by=open_another(lease_seconds=5), worker=worker)
    beat = store.beat(worker, [task])

    assert beat.lost == set()
    assert store.take(a_worker(store), [task.type]) is None


@pytest.fixture
def zombie(store, open_another, a_claimed_task, a_worker, until):
    """An attempt whose task was given away when its lease was over: (its worker, its task)."""
    worker = a_worker(store)
    task = a_claimed_task(by=open_another(lease_seconds=SHORT), worker=worker)
    until(store.reap)
    assert store.claim(a_worker(store), {task.type: []}).id == task.id
    return worker, task


@pytest.mark.parametrize("write", ["step", "planned", "count", "intent", "release", "end"])
def test_a_zombies_write_is_refused(store, zombie, failed, write):
    _, task = zombie
    before = store.get(task.id)
    writes = {
        "step": lambda: store.step(task, "I am back"),
        "planned": lambda: store.step(task, "I am back", planned=True),
        "count": lambda: store.count(task, 1, 2),
        "intent": lambda: store.intent(task, "Processing payment", {}),
        "release": lambda: store.release(task, "Worker stopped", free=True),
        "end": lambda: store.end(task, failed),
    }
    with pytest.raises(LeaseLost) as refused:
        writes[write]()

    assert (refused.value.task_id, refused.value.attempt) == (task.id, task.attempt)
    assert store.get(task.id) == before


def test_a_zombies_beat_is_refused(store, zombie):
    worker, task = zombie

    assert store.beat(worker, [task]) == Beat(frozenset({task.id}), frozenset())


def test_a_zombie_with_the_same_worker_is_a_zombie_still(store, hasty, a_claimed_task, a_worker):
    worker = a_worker(store)
    old = a_claimed_task(by=hasty, worker=worker)
    store.reap()
    new = store.claim(worker, {old.type: []})

    assert (new.id, new.worker) == (old.id, old.worker)
    assert store.beat(worker, [old]).lost == {old.id}
    assert store.beat(worker, [new]).lost == set()
    with pytest.raises(LeaseLost):
        store.step(old, "I am back")


def test_a_zombie_of_a_taken_payment_writes_nothing(store, hasty, a_paying_task, a_worker, failed):
    worker = a_worker(store)
    task = a_paying_task(by=hasty, worker=worker)
    taken = store.take(a_worker(store), [task.type])
    for write in (
        lambda: store.step(task, "I am back"),
        lambda: store.count(task, 1, 2),
        lambda: store.end(task, failed),
    ):
        with pytest.raises(LeaseLost):
            write()

    assert store.beat(worker, [task]).lost == {task.id}
    assert store.get(task.id) == taken


def test_a_task_is_reaped_by_one_of_many(store, hasty, open_another, a_claimed_task, together):
    tasks = [a_claimed_task(by=hasty) for _ in range(5)]
    stores = [open_another() for _ in range(8)]
    lost = [task for found in together(*[s.reap for s in stores]) for task in found]

    assert sorted(task.id for task in lost) == sorted(task.id for task in tasks)
    assert {len(store.get(task.id).progress) for task in tasks} == {2}


def test_of_a_reap_and_an_end_at_once_one_is_refused(
    store, hasty, open_another, a_claimed_task, together, failed
):
    other = open_another()
    for _ in range(20):
        task = a_claimed_task(by=hasty)
        ended, lost = together(lambda task=task: store.end(task, failed), other.reap)

        assert isinstance(ended, LeaseLost) is (len(lost) == 1)
        assert store.get(task.id) == (lost[0] if lost else ended)
        if lost:
            store.cancel(task.id)


def crash(store, hasty, worker, task, at="Adding product to cart"):
    claimed = hasty.claim(worker, {task.type: []}, only=task.id)
    hasty.step(claimed, at, planned=True)
    (lost,) = store.reap()
    return lost


def test_a_task_whose_worker_crashed_three_times_has_failed(
    store, hasty, a_new_task, a_worker, messages
):
    task, _ = store.submit(a_new_task())
    worker = a_worker(store)
    fates = [crash(store, hasty, worker, task) for _ in range(3)]

    assert [fate.current_status for fate in fates] == ["pending", "pending", "failed"]
    assert fates[-1].error_message == "Worker crashed 3 times at: Adding product to cart"
    assert messages(fates[-1])[-1] == (
        "Checkout failed: Worker crashed 3 times at: Adding product to cart"
    )
    assert fates[-1].outcome is Outcome.FAILED
    assert fates[-1].completed_at is not None


def test_a_single_crash_is_not_counted_aloud(store, hasty, a_new_task, a_worker, messages):
    task, _ = store.submit(a_new_task(max_attempts=1, plan=None))
    lost = crash(store, hasty, a_worker(store), task, at="Opening product page")

    assert lost.error_message == "Worker crashed at: Opening product page"
    assert messages(lost)[-1] == "Failed: Worker crashed at: Opening product page"


def test_a_free_release_costs_no_attempt(store, hasty, a_new_task, a_worker, messages):
    task, _ = store.submit(a_new_task(max_attempts=2))
    worker = a_worker(store)
    for _ in range(5):
        claimed = store.claim(worker, {task.type: []})
        released = store.release(claimed, "Worker stopped", free=True)

        assert released == store.get(task.id)
        assert released.current_status is Status.PENDING
        assert messages(released)[-1] == "Worker stopped: back in the queue"

    fates = [crash(store, hasty, worker, task) for _ in range(2)]

    assert [fate.current_status for fate in fates] == ["pending", "failed"]
    assert fates[-1].error_message == "Worker crashed 2 times at: Adding product to cart"


def test_a_release_that_is_not_free_fails_at_the_last_attempt(store, a_claimed_task, messages):
    task = a_claimed_task(max_attempts=1)
    store.step(task, "Adding product to cart")
    released = store.release(task, "Stuck", free=False)

    assert released.outcome is Outcome.FAILED
    assert released.error_message == "Stuck at: Adding product to cart"
    assert messages(released)[-1] == "Checkout failed: Stuck at: Adding product to cart"


def test_nobody_releases_the_task_of_another(store, a_claimed_task, failed):
    task = a_claimed_task()
    store.release(task, "Worker stopped", free=True)
    ended = a_claimed_task()
    store.end(ended, failed)
    for mine in (task, ended):
        before = store.get(mine.id)
        with pytest.raises(LeaseLost):
            store.release(mine, "Worker stopped", free=True)

        assert store.get(mine.id) == before


@pytest.mark.parametrize("verb", ["reap", "release", "release-free"])
@pytest.mark.parametrize("max_attempts", [1, 3])
def test_a_cancel_request_is_met_when_the_worker_is_gone(
    store, hasty, a_claimed_task, messages, verb, max_attempts
):
    task = a_claimed_task(by=hasty, max_attempts=max_attempts)
    store.cancel(task.id)
    if verb == "reap":
        (ended,) = store.reap()
    else:
        ended = store.release(task, "Worker stopped", free=verb.endswith("free"))

    assert ended == store.get(task.id)
    assert ended.outcome is Outcome.CANCELLED
    assert (messages(ended)[-1], ended.error_message) == ("Cancelled", "Cancelled")
    assert ended.completed_at is not None


def test_the_leases_of_a_worker_that_left_are_over_at_once(
    store, open_another, a_claimed_task, a_worker
):
    gone, here = a_worker(store), a_worker(store)
    lost, kept = a_claimed_task(worker=gone), a_claimed_task(worker=here)
    open_another().leave(gone.id)

    assert [task.id for task in store.reap()] == [lost.id]
    assert store.get(kept.id) == kept


def test_the_payment_of_a_worker_that_left_is_taken_at_once(store, a_paying_task, a_worker):
    gone, here = a_worker(store), a_worker(store)
    task = a_paying_task(worker=gone)
    store.leave(gone.id)

    assert store.beat(gone, [task]).lost == {task.id}
    assert store.take(here, [task.type]).id == task.id
