"""Reading: what those who watch are told."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from taskq.errors import TaskNotFound
from taskq.models import Ending, Outcome, Status


def ids(tasks):
    return [task.id for task in tasks]


def test_what_is_not_there_is_not_found(store):
    with pytest.raises(TaskNotFound) as refused:
        store.get("nobody")

    assert refused.value.task_id == "nobody"


def test_every_connection_reads_what_any_wrote(store, open_another, a_claimed_task):
    other = open_another()
    task = a_claimed_task()

    assert other.get(task.id) == store.get(task.id) == task


def test_what_was_stored_is_there_when_it_is_opened_again(store, open_another, a_new_task):
    task, _ = store.submit(a_new_task())
    store.close()

    assert open_another().get(task.id) == task


def test_tasks_are_found_by_the_beginning_of_their_id_newest_first(store, a_new_task):
    for name in ("k7f-1", "k7f-2", "k7g-3"):
        store.submit(a_new_task(id=name))

    assert ids(store.find("k7f")) == ["k7f-2", "k7f-1"]
    assert ids(store.find("k7f-1")) == ["k7f-1"]
    assert ids(store.find("K7F")) == []
    assert ids(store.find("k7", limit=2)) == ["k7g-3", "k7f-2"]


@pytest.mark.parametrize("prefix", ["%", "_", "k__", "k%", "*", "k?f"])
def test_a_beginning_is_no_pattern(store, a_new_task, prefix):
    store.submit(a_new_task(id="k7f"))

    assert store.find(prefix) == []


def test_tasks_are_listed_newest_first(store, a_new_task):
    submitted = [store.submit(a_new_task())[0].id for _ in range(5)]

    assert ids(store.list()) == submitted[::-1]
    assert ids(store.list(limit=2)) == submitted[:-3:-1]


def test_a_list_shows_what_was_asked_for(
    store, a_new_task, a_claimed_task, an_unknown_task, failed, placed
):
    pending = store.submit(a_new_task(type="uber_ride"))[0]
    running = a_claimed_task(identity="i")
    lost = store.end(a_claimed_task(), failed)
    bought = store.end(a_claimed_task(identity="i"), placed)
    unknown = an_unknown_task()

    assert ids(store.list(status=Status.PENDING)) == [pending.id]
    assert ids(store.list(status=Status.PROCESSING)) == [running.id]
    assert ids(store.list(status=Status.FAILED)) == [unknown.id, lost.id]
    assert ids(store.list(outcome=Outcome.FAILED)) == [lost.id]
    assert ids(store.list(outcome=Outcome.UNKNOWN)) == [unknown.id]
    assert ids(store.list(task_type="uber_ride")) == [pending.id]
    assert ids(store.list(identity="i")) == [bought.id, running.id]
    assert ids(store.list(identity="i", outcome=Outcome.SUCCEEDED)) == [bought.id]
    assert ids(store.list(identity="i", status=Status.PENDING)) == []


def test_a_list_goes_back_to_a_moment_and_no_further(store, a_new_task):
    older = store.submit(a_new_task())[0]
    younger = store.submit(a_new_task())[0]

    assert ids(store.list(since=older.created_at)) == [younger.id, older.id]
    assert ids(store.list(since=younger.created_at)) == [younger.id]
    assert ids(store.list(since=younger.created_at + timedelta(seconds=1))) == []
    in_tokyo = younger.created_at.astimezone(timezone(timedelta(hours=9)))
    assert ids(store.list(since=in_tokyo)) == [younger.id]


def test_every_task_is_read_by_type_and_age_whatever_is_written_meanwhile(
    store, a_new_task, failed, a_claimed_task
):
    submitted = [store.submit(a_new_task())[0] for _ in range(3)]
    other = store.submit(a_new_task(type="uber_ride"))[0]
    reading = store.every()
    first = next(reading)
    store.end(a_claimed_task(), failed)

    assert [first.id, *ids(reading)] == [*ids(submitted), other.id]
    assert ids(store.every(task_type="uber_ride")) == [other.id]
    assert ids(store.every(since=other.created_at))[0] == other.id
    assert ids(store.every(task_type="nothing")) == []


def test_tasks_are_counted_by_status_and_ended_ones_by_outcome(
    store, a_new_task, a_claimed_task, an_unknown_task, failed, placed
):
    nothing = store.counts()
    for _ in range(2):
        store.submit(a_new_task())
    store.cancel(store.submit(a_new_task())[0].id)
    a_claimed_task()
    store.end(a_claimed_task(), failed)
    store.end(a_claimed_task(), placed)
    an_unknown_task()

    assert nothing == {}
    assert store.counts() == {
        "pending": 2,
        "processing": 1,
        "succeeded": 1,
        "failed": 1,
        "cancelled": 1,
        "unknown": 1,
    }


def test_only_entries_not_seen_yet_are_told(store, a_claimed_task, messages):
    task = a_claimed_task()
    for message in ("one", "two", "three"):
        store.step(task, message)
    for seen in range(6):
        (told,) = store.progress_since({task.id: seen})

        assert messages(told) == messages(store.get(task.id))[seen:]


def test_the_rest_of_the_row_is_told_with_the_entries(store, a_claimed_task, placed):
    task = a_claimed_task()
    store.count(task, 1, 2)
    ended = store.end(task, placed)
    (told,) = store.progress_since({task.id: 0})

    assert told == ended
    (told,) = store.progress_since({task.id: 99})
    assert told.result_data == ended.result_data | {"progress": []}
    assert told.outcome is Outcome.SUCCEEDED


def test_many_tasks_are_told_at_once(store, a_new_task, a_claimed_task, messages):
    waiting, _ = store.submit(a_new_task())
    running = a_claimed_task()
    store.step(running, "one")
    told = {
        task.id: messages(task)
        for task in store.progress_since({waiting.id: 0, running.id: 1, "nobody": 0})
    }

    assert told == {waiting.id: [], running.id: ["one"]}
    assert store.progress_since({}) == []


def test_history_is_the_last_completed_runs_of_a_type(store, a_claimed_task, failed, placed):
    completed = [store.end(a_claimed_task(), placed).id for _ in range(4)]
    store.end(a_claimed_task(), failed)
    store.end(a_claimed_task(type="uber_ride"), placed)
    a_claimed_task()

    assert ids(store.history("shopify_order")) == completed[::-1]
    assert ids(store.history("shopify_order", limit=2)) == completed[:1:-1]
    assert store.history("nothing") == []


def test_history_has_no_dry_runs(store, a_claimed_task):
    dry = Ending(Status.COMPLETED, "Dry run: nothing was bought", result={"dry_run": True})
    store.end(a_claimed_task(), dry)

    assert store.history("shopify_order") == []


def test_who_uses_an_account_is_found_while_it_runs(store, a_new_task, a_claimed_task, failed):
    store.submit(a_new_task(account="home"))
    running = a_claimed_task(account="work")

    assert store.holder("work").id == running.id
    assert store.holder("home") is None
    store.end(running, failed)
    assert store.holder("work") is None


def test_a_list_goes_on_page_by_page_without_gap_or_repetition(store, a_new_task):
    submitted = [store.submit(a_new_task())[0].id for _ in range(7)]
    pages, last = [], None
    while page := ids(store.list(after=last, limit=3)):
        pages.append(page)
        last = page[-1]
        store.submit(a_new_task())

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [each for page in pages for each in page] == submitted[::-1]
    assert store.list(after="nobody") == []


def test_a_list_is_searched_in_large_and_small_letters(store, a_new_task, a_claimed_task, failed):
    lost = store.end(a_claimed_task(), failed)
    shop = store.submit(a_new_task(params={"product_url": "https://SHOP.example/products/Ä"}))[0]
    hers = store.submit(a_new_task(account="Ada_%"))[0]

    assert ids(store.list(text="shop.EXAMPLE")) == [shop.id]
    assert ids(store.list(text="PRODUCTS/Ä")) == [shop.id]
    assert ids(store.list(text=lost.error_message.upper())) == [lost.id]
    assert ids(store.list(text="ada_%")) == [hers.id]
    assert ids(store.list(text=shop.id)) == [shop.id]
    assert ids(store.list(text="_%_", status=Status.PENDING)) == []
