"""Submitting: what is stored, the key, and the guard against buying twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from taskq.errors import BadInput, Duplicate, RowRefused, WrongMoment
from taskq.models import Ending, Resolution, Status


def test_a_submitted_task_is_pending_and_holds_what_was_sent(store, open_another, a_new_task):
    new = a_new_task(key="k", identity="i", lane="kith.com", account="work", max_attempts=5)
    task, is_new = store.submit(new)

    assert is_new
    assert task == open_another().get(new.id)
    assert task.current_status is Status.PENDING
    assert (task.outcome, task.attempt, task.worker, task.intent) == (None, 0, None, None)
    assert (task.started_at, task.completed_at, task.error_message) == (None, None, None)
    assert task.result_data == {}
    held = ("id", "type", "params", "plan", "key", "identity", "lane", "account", "max_attempts")
    for name in held:
        assert getattr(task, name) == getattr(new, name)


def test_created_at_is_now_in_utc(store, a_new_task):
    task, _ = store.submit(a_new_task())

    assert task.created_at.tzinfo is UTC
    assert abs(datetime.now(UTC) - task.created_at) < timedelta(seconds=10)


def test_params_come_back_in_any_language(store, a_new_task):
    params = {"size": "Größe 42 中 😀", "nested": {"list": [1, 2.5, None, True]}}
    task, _ = store.submit(a_new_task(params=params))

    assert store.get(task.id).params == params


def test_the_same_key_and_params_give_the_task_that_is_there(store, a_new_task):
    first, _ = store.submit(a_new_task(key="k"))
    again, is_new = store.submit(a_new_task(key="k"))

    assert not is_new
    assert again == first
    assert store.counts() == {"pending": 1}


def test_the_order_in_which_params_are_written_does_not_matter(store, a_new_task):
    first, _ = store.submit(a_new_task(key="k", params={"a": 1, "b": {"c": 2, "d": 3}}))
    again, _ = store.submit(a_new_task(key="k", params={"b": {"d": 3, "c": 2}, "a": 1}))

    assert again.id == first.id


@pytest.mark.parametrize(
    "change", [{"params": {"size": "Large"}}, {"type": "uber_ride"}, {"account": "work"}]
)
def test_a_key_that_was_used_for_something_else_is_refused(store, a_new_task, change):
    first, _ = store.submit(a_new_task(key="k"))
    with pytest.raises(BadInput, match=first.id):
        store.submit(a_new_task(key="k", **change))

    assert store.counts() == {"pending": 1}


def test_a_key_gives_its_task_even_after_the_end(store, a_claimed_task, a_new_task, failed):
    ended = store.end(a_claimed_task(key="k"), failed)

    assert store.submit(a_new_task(key="k")) == (ended, False)


def test_a_key_gives_its_task_even_while_that_pays(store, a_paying_task, a_new_task):
    paying = a_paying_task(key="k", identity="i")

    assert store.submit(a_new_task(key="k", identity="i")) == (paying, False)


def test_tasks_without_a_key_are_never_the_same(store, a_new_task):
    store.submit(a_new_task())
    store.submit(a_new_task())

    assert store.counts() == {"pending": 2}


def test_of_many_submits_of_one_key_at_once_one_is_new(open_another, a_new_task, together):
    starts = [(open_another(), a_new_task(key="k")) for _ in range(8)]
    gave = together(*[lambda s=s, new=new: s.submit(new) for s, new in starts])

    assert sorted(is_new for _, is_new in gave) == [False] * 7 + [True]
    assert len({task.id for task, _ in gave}) == 1


def test_an_id_that_is_taken_is_refused_and_its_task_left_alone(store, a_new_task):
    first, _ = store.submit(a_new_task(id="same"))
    with pytest.raises(WrongMoment, match="same"):
        store.submit(a_new_task(id="same", params={"size": "Large"}))

    assert store.get("same") == first


def test_a_twin_that_has_not_begun_to_pay_is_no_duplicate(store, a_claimed_task, a_new_task):
    store.submit(a_new_task(identity="i"))
    a_claimed_task(identity="i")
    _, is_new = store.submit(a_new_task(identity="i"))

    assert is_new


@pytest.mark.parametrize("twin", ["a_paying_task", "an_unknown_task"])
def test_a_twin_that_may_have_bought_it_refuses_the_submit(store, a_new_task, request, twin):
    bought = request.getfixturevalue(twin)(identity="i")
    with pytest.raises(Duplicate, match=bought.id) as refused:
        store.submit(a_new_task(identity="i"))

    assert refused.value.other == bought.id
    assert sum(store.counts().values()) == 1


def test_a_twin_that_is_being_verified_refuses_the_submit(
    store, hasty, a_paying_task, a_worker, a_new_task
):
    paying = a_paying_task(by=hasty, identity="i")
    store.take(a_worker(store), [paying.type])

    with pytest.raises(Duplicate):
        store.submit(a_new_task(identity="i"))


@pytest.mark.parametrize("twin", ["a_paying_task", "an_unknown_task"])
def test_again_buys_once_more_on_purpose(store, a_new_task, request, twin):
    request.getfixturevalue(twin)(identity="i")
    _, is_new = store.submit(a_new_task(identity="i", again=True))

    assert is_new


def test_other_identities_and_none_are_no_duplicates(store, a_paying_task, a_new_task):
    a_paying_task(identity="i")
    a_paying_task(identity=None)
    store.submit(a_new_task(identity="j"))
    store.submit(a_new_task(identity=None))

    assert store.counts() == {"pending": 2, "processing": 2}


def test_a_twin_that_has_succeeded_is_no_duplicate(store, a_paying_task, a_new_task, placed):
    store.end(a_paying_task(identity="i"), placed)

    assert store.submit(a_new_task(identity="i"))[1]


def test_a_twin_that_was_declined_is_no_duplicate(store, a_paying_task, a_new_task):
    declined = Ending(Status.FAILED, "Checkout failed: declined", "declined", clears_intent=True)
    store.end(a_paying_task(identity="i"), declined)

    assert store.submit(a_new_task(identity="i"))[1]


def test_a_twin_that_withdrew_is_no_duplicate(store, a_paying_task, a_new_task):
    store.withdraw(a_paying_task(identity="i"), "too late")

    assert store.submit(a_new_task(identity="i"))[1]


def test_a_twin_that_was_found_not_to_have_bought_is_no_duplicate(
    store, an_unknown_task, a_new_task
):
    unknown = an_unknown_task(identity="i")
    store.resolve(unknown.id, Resolution(done=False, messages=("No",), error="not bought"), 3)

    assert store.submit(a_new_task(identity="i"))[1]


# Several at once


def test_several_are_submitted_together(store, a_new_task):
    submitted = store.submit_all([a_new_task(), a_new_task(key="k"), a_new_task(key="k")])

    assert [is_new for _, is_new in submitted] == [True, True, False]
    assert submitted[1][0].id == submitted[2][0].id
    assert store.counts() == {"pending": 2}


def test_of_several_all_or_none_are_submitted(store, an_unknown_task, a_new_task):
    an_unknown_task(identity="a hoodie")
    before = store.counts()
    with pytest.raises(RowRefused, match=r"Row 2: .* may already have paid for this") as refused:
        store.submit_all([a_new_task(), a_new_task(identity="a hoodie"), a_new_task()])

    assert refused.value.exit_code == Duplicate.exit_code
    assert store.counts() == before
    assert store.submit(a_new_task())[1]


def test_a_key_used_twice_for_different_things_refuses_them_all(store, a_new_task):
    with pytest.raises(RowRefused, match=r"Row 2: .*other input"):
        store.submit_all([a_new_task(key="k"), a_new_task(key="k", params={"size": "L"})])

    assert store.counts() == {}
