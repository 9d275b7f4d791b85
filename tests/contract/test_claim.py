"""Claiming: each task to one worker, the oldest first, within its lane."""

from __future__ import annotations

import pytest

from taskq.models import Status


def test_a_claim_hands_over_a_running_task_with_its_first_entry(store, a_new_task, a_worker):
    new, _ = store.submit(a_new_task())
    worker = a_worker(store)
    task = store.claim(worker, {new.type: []})

    assert task == store.get(new.id)
    assert task.current_status is Status.PROCESSING
    assert (task.attempt, task.worker, task.worker_name) == (1, worker.id, "worker-1")
    assert task.started_at >= task.created_at
    assert task.completed_at is None


def test_the_first_entry_on_an_empty_result_is_there(store, a_new_task, a_worker, messages):
    new, _ = store.submit(a_new_task())
    store.claim(a_worker(store, 7), {new.type: []})

    assert new.result_data == {}
    assert messages(store.get(new.id)) == ["Task started by worker-7"]


def test_there_is_nothing_to_claim_in_an_empty_store(store, a_worker):
    assert store.claim(a_worker(store), {"shopify_order": []}) is None


def test_a_claimed_task_is_not_claimed_again(store, open_another, a_claimed_task, a_worker):
    task = a_claimed_task()
    other = open_another()

    assert other.claim(a_worker(other), {task.type: []}) is None


def test_two_workers_never_get_the_same_task(store, racers, a_new_task):
    submitted = [store.submit(a_new_task())[0].id for _ in range(200)]
    claimed = racers(*[{"do": "claim", "type": "shopify_order"}] * 8)

    assert sorted(submitted) == sorted(task for mine in claimed for task in mine)
    assert sum(bool(mine) for mine in claimed) > 1
    assert {store.get(task).attempt for task in submitted} == {1}


def test_the_oldest_task_is_claimed_first(store, a_new_task, a_worker):
    submitted = [store.submit(a_new_task())[0].id for _ in range(5)]
    worker = a_worker(store)

    assert [store.claim(worker, {"shopify_order": []}).id for _ in submitted] == submitted


def test_a_task_given_back_is_still_the_oldest(store, a_claimed_task, a_new_task, a_worker):
    task = a_claimed_task()
    store.submit(a_new_task())
    store.release(task, "Worker stopped", free=True)

    assert store.claim(a_worker(store), {task.type: []}).id == task.id


def test_only_named_types_are_claimed(store, a_new_task, a_worker):
    store.submit(a_new_task(type="uber_ride"))
    order, _ = store.submit(a_new_task())
    worker = a_worker(store)

    assert store.claim(worker, {"shopify_order": [], "other": []}).id == order.id
    assert store.claim(worker, {"shopify_order": [], "other": []}) is None
    assert store.claim(worker, {}) is None


def test_only_takes_this_one_and_no_other(store, a_new_task, a_worker):
    store.submit(a_new_task())
    wanted, _ = store.submit(a_new_task())
    worker = a_worker(store)

    assert store.claim(worker, {wanted.type: []}, only=wanted.id).id == wanted.id
    assert store.claim(worker, {wanted.type: []}, only=wanted.id) is None


@pytest.mark.parametrize("per_lane", [1, 2])
def test_a_lane_runs_no_more_tasks_than_it_may(store, a_new_task, a_worker, per_lane):
    for _ in range(3):
        store.submit(a_new_task(lane="kith.com"))
    worker = a_worker(store)
    claims = [store.claim(worker, {"shopify_order": []}, per_lane=per_lane) for _ in range(3)]

    assert [claim is not None for claim in claims] == [True] * per_lane + [False] * (3 - per_lane)


def test_of_many_claims_of_one_lane_at_once_one_succeeds(
    store, open_another, a_new_task, a_worker, together
):
    for _ in range(8):
        store.submit(a_new_task(lane="kith.com"))
    stores = [open_another() for _ in range(8)]
    workers = [a_worker(store) for _ in stores]
    claims = together(
        *[
            lambda s=s, w=w: s.claim(w, {"shopify_order": []})
            for s, w in zip(stores, workers, strict=True)
        ]
    )

    assert sum(claim is not None for claim in claims) == 1
    assert store.counts() == {"pending": 7, "processing": 1}


def test_a_full_lane_holds_up_no_other(store, a_new_task, a_claimed_task, a_worker):
    a_claimed_task(lane="kith.com")
    store.submit(a_new_task(lane="kith.com"))
    others = [store.submit(a_new_task(lane=lane))[0].id for lane in ("allbirds.com", None, None)]
    worker = a_worker(store)

    assert [store.claim(worker, {"shopify_order": []}).id for _ in others] == others
    assert store.claim(worker, {"shopify_order": []}) is None


def test_a_lane_is_free_again_after_the_end(store, a_claimed_task, a_new_task, a_worker, failed):
    task = a_claimed_task(lane="kith.com")
    store.submit(a_new_task(lane="kith.com"))
    store.end(task, failed)

    assert store.claim(a_worker(store), {task.type: []}) is not None


def test_a_claim_learns_how_long_steps_usually_take(store, a_new_task, a_worker):
    new, _ = store.submit(a_new_task())
    usual = [1, 2.5, 3, 4, 5, 6, 7, 0]
    task = store.claim(a_worker(store), {new.type: usual})

    assert [step["usually"] for step in task.plan] == usual
    assert [step["step"] for step in task.plan] == [step["step"] for step in new.plan]
    assert [step["once"] for step in task.plan] == [step["once"] for step in new.plan]
    assert task.plan[-1]["otherwise"] == "Checkout failed: {error}"


@pytest.mark.parametrize("usual", [[], [1.0, 2.0]])
def test_a_plan_keeps_its_own_seconds_where_others_do_not_fit(store, a_new_task, a_worker, usual):
    new, _ = store.submit(a_new_task())
    task = store.claim(a_worker(store), {new.type: usual})

    assert task.plan == new.plan


def test_a_task_without_a_plan_stays_without(store, a_new_task, a_worker):
    new, _ = store.submit(a_new_task(plan=None))
    task = store.claim(a_worker(store), {new.type: [1.0]})

    assert task.plan is None


def test_every_claim_is_a_new_attempt_and_the_start_stays(store, a_claimed_task, a_worker):
    first = a_claimed_task()
    store.release(first, "Worker stopped", free=True)
    second = store.claim(a_worker(store), {first.type: []})

    assert (first.attempt, second.attempt) == (1, 2)
    assert second.started_at == first.started_at
    assert second.worker != first.worker


def test_two_tasks_of_one_account_never_run_at_once(
    store, open_another, a_new_task, a_worker, together
):
    for _ in range(8):
        store.submit(a_new_task(account="work"))
    stores = [open_another() for _ in range(8)]
    workers = [a_worker(store) for _ in stores]
    claims = together(
        *[
            lambda s=s, w=w: s.claim(w, {"shopify_order": []}, per_lane=99)
            for s, w in zip(stores, workers, strict=True)
        ]
    )

    assert [claim.account for claim in claims if claim is not None] == ["work"]
    assert store.counts() == {"pending": 7, "processing": 1}


def test_a_busy_account_holds_up_no_other(store, a_new_task, a_claimed_task, a_worker):
    a_claimed_task(account="work")
    store.submit(a_new_task(account="work"))
    others = [store.submit(a_new_task(account=name))[0].id for name in ("home", None, None)]
    worker = a_worker(store)

    assert [store.claim(worker, {"shopify_order": []}).id for _ in others] == others
    assert store.claim(worker, {"shopify_order": []}) is None


def test_an_account_is_free_again_after_the_end(
    store, a_claimed_task, a_new_task, a_worker, failed
):
    task = a_claimed_task(account="work")
    store.submit(a_new_task(account="work"))
    store.end(task, failed)

    assert store.claim(a_worker(store), {task.type: []}) is not None


def test_an_account_is_busy_until_its_payment_is_known_but_may_be_looked_after(
    store, hasty, a_paying_task, a_new_task, a_worker
):
    task = a_paying_task(by=hasty, account="work")
    store.submit(a_new_task(account="work"))
    worker = a_worker(store)

    assert store.claim(worker, {task.type: []}) is None
    assert store.take(worker, [task.type]).id == task.id
    assert store.claim(worker, {task.type: []}) is None
