"""Progress: entries are appended, harmless and complete; the count is overwritten."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest

from taskq.errors import LeaseLost, TaskNotFound, WrongMoment
from taskq.models import Ending, Resolution, Status

KEPT = 490


@pytest.fixture
def a_full_task(store, a_claimed_task):
    """A task with exactly as many entries as a handler's own messages may fill."""
    task = a_claimed_task()
    for number in range(1, KEPT):
        store.step(task, f"message {number}")
    return store.get(task.id)


def test_a_step_is_an_entry_at_the_end(store, open_another, a_claimed_task, messages):
    task = a_claimed_task()
    store.step(task, "Opening product page", planned=True)
    store.step(task, "Cookie banner closed")

    assert messages(open_another().get(task.id)) == [
        "Task started by worker-1",
        "Opening product page",
        "Cookie banner closed",
    ]


def test_an_entry_is_stamped_as_documented(store, a_claimed_task):
    task = a_claimed_task()
    store.step(task, "Opening product page")
    entry = store.get(task.id).result_data["progress"][-1]

    assert set(entry) == {"message", "timestamp"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", entry["timestamp"])


def test_what_was_seen_of_progress_never_changes(store, a_claimed_task, a_worker, placed):
    task = a_claimed_task()
    seen = [store.get(task.id).progress]
    for write in (
        lambda: store.step(task, "Opening product page"),
        lambda: store.note(task.id, "From outside"),
        lambda: store.count(task, 1, 2),
        lambda: store.release(task, "Worker stopped", free=True),
        lambda: store.claim(a_worker(store), {task.type: []}),
        lambda: store.end(store.get(task.id), placed),
    ):
        write()
        seen.append(store.get(task.id).progress)

    for before, after in pairwise(seen):
        assert after[: len(before)] == before


def test_timestamps_never_go_back(store, open_another, a_claimed_task, together):
    task = a_claimed_task()
    stores = [open_another() for _ in range(4)]
    together(*[lambda s=s: [s.note(task.id, "note") for _ in range(25)] for s in stores])
    stamps = [entry.timestamp for entry in store.get(task.id).progress]

    assert len(stamps) == 101
    assert stamps == sorted(stamps)


def test_writers_in_several_processes_lose_no_entry(store, racers, a_claimed_task, messages):
    task = a_claimed_task()
    names = {"a": "worker", "b": "worker", "c": "outsider", "d": "outsider"}
    racers(
        *[
            {"do": "write", "id": task.id, "times": 60, "name": name, "as": role}
            for name, role in names.items()
        ]
    )
    written = messages(store.get(task.id))[1:]

    assert len(written) == 240
    for name in names:
        mine = [message for message in written if message.startswith(name)]
        assert mine == [f"{name} {number}" for number in range(60)]


def test_a_store_is_shared_by_threads(store, a_claimed_task, together):
    task = a_claimed_task()
    gave = together(*[lambda: [store.step(task, "step") for _ in range(20)]] * 6)

    assert gave == [[False] * 20] * 6
    assert len(store.get(task.id).progress) == 121


def test_a_killed_writer_leaves_no_half_entry_and_loses_none(
    store, a_racer, a_claimed_task, until, messages
):
    task = a_claimed_task()
    for _ in range(3):
        seen = len(store.get(task.id).progress)
        racer = a_racer({"do": "step", "id": task.id})
        until(lambda seen=seen: len(store.get(task.id).progress) > seen + 40)
        racer.kill()
        racer.communicate()

    there = store.get(task.id)
    assert all(set(entry) == {"message", "timestamp"} for entry in there.result_data["progress"])
    numbers = [int(message.removeprefix("step ")) for message in messages(there)[1:]]
    assert all(after in {before + 1, 0} for before, after in pairwise(numbers))
    assert store.step(task, "and it goes on", planned=True) is False


def test_a_step_and_a_count_tell_whether_to_stop(store, open_another, a_claimed_task):
    task = a_claimed_task()
    before = (store.step(task, "Opening product page"), store.count(task, 1, 2))
    open_another().cancel(task.id)

    assert before == (False, False)
    assert store.step(task, "Adding product to cart") is True
    assert store.count(task, 2, 2) is True


def test_a_count_is_overwritten_and_adds_no_entry(store, a_claimed_task, messages):
    task = a_claimed_task()
    store.count(task, 1, 12)
    store.count(task, 2, 12)
    counted = store.get(task.id)

    assert counted.result_data["count"] == {"done": 2, "total": 12}
    assert messages(counted) == ["Task started by worker-1"]


def test_a_note_from_outside_is_an_entry(store, open_another, a_claimed_task, messages):
    task = a_claimed_task()
    open_another().note(task.id, "The captcha was solved")

    assert messages(store.get(task.id))[-1] == "The captcha was solved"


def test_only_a_processing_task_takes_a_note(store, a_new_task, a_claimed_task, failed):
    pending, _ = store.submit(a_new_task())
    ended = store.end(a_claimed_task(), failed)
    for task in (pending, ended):
        with pytest.raises(WrongMoment, match=task.current_status):
            store.note(task.id, "Too late")

        assert store.get(task.id) == task

    with pytest.raises(TaskNotFound):
        store.note("nobody", "Hello")


@pytest.mark.parametrize("write", ["step", "count"])
def test_an_ended_or_released_task_takes_no_progress(store, a_claimed_task, failed, write):
    writes = {
        "step": lambda task: store.step(task, "Too late"),
        "count": lambda task: store.count(task, 1, 2),
    }
    ended, released = a_claimed_task(), a_claimed_task()
    after = [store.end(ended, failed), store.release(released, "Worker stopped", free=True)]
    for task in (ended, released):
        with pytest.raises(LeaseLost):
            writes[write](task)

    assert [store.get(task.id) for task in after] == after


def test_further_messages_are_not_kept_and_one_entry_says_so(store, a_full_task, messages):
    for number in range(3):
        store.step(a_full_task, f"further {number}")
    store.note(a_full_task.id, "further note")
    kept = messages(store.get(a_full_task.id))

    assert len(kept) == KEPT + 1
    assert kept[:-1] == messages(a_full_task)
    assert str(KEPT) in kept[-1]


def test_planned_and_closing_entries_always_fit(store, a_full_task, messages):
    for message in ("further", "further", "further"):
        store.step(a_full_task, message)
    store.step(a_full_task, "Filling shipping information", planned=True)
    store.intent(a_full_task, "Processing payment", {})
    store.step(a_full_task, "further")
    store.end(a_full_task, Ending(Status.COMPLETED, "Order placed successfully"))

    assert messages(store.get(a_full_task.id))[KEPT + 1 :] == [
        "Filling shipping information",
        "Processing payment",
        "Order placed successfully",
    ]


def test_it_is_said_that_messages_are_dropped_also_after_a_planned_entry(
    store, a_full_task, messages
):
    store.step(a_full_task, "Adding product to cart", planned=True)
    store.step(a_full_task, "further")
    kept = messages(store.get(a_full_task.id))

    assert "further" not in kept
    assert sum(f"Only {KEPT}" in message for message in kept) == 1


def test_a_message_that_is_not_kept_is_still_a_sign_of_life(
    store, hasty, open_another, a_full_task
):
    hasty.step(a_full_task, "the last one that is answered for")
    store.step(a_full_task, "further")
    asked = open_another().cancel(a_full_task.id)

    assert asked.cancel_requested
    assert store.reap() == []
    assert store.step(a_full_task, "further") is True


HOSTILE = {
    "NUL": "a\0b",
    "lone-surrogate": "a\ud800b",
    "escape": "a\x1b[31mb",
    "C1": "a\x9bb",
    "bidi": "a\u202eb\u2066c",
    "zero-width": "a\u200bb\ufeff",
    "newline": "a\r\nb\u2028c",
    "long": "x" * 1000,
}


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE.keys())
def hostile(request):
    return request.param


def is_harmless(text):
    bad = {"Cc", "Cs", "Zl", "Zp"}
    return (
        0 < len(text) <= 300
        and not any(unicodedata.category(char) in bad for char in text)
        and not set(text)
        & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff")
    )


@pytest.mark.parametrize("verb", ["step", "planned", "note", "intent", "end"])
def test_every_message_becomes_one_harmless_line(store, a_claimed_task, messages, hostile, verb):
    task = a_claimed_task()
    {
        "step": lambda: store.step(task, hostile),
        "planned": lambda: store.step(task, hostile, planned=True),
        "note": lambda: store.note(task.id, hostile),
        "intent": lambda: store.intent(task, hostile, {}),
        "end": lambda: store.end(task, Ending(Status.COMPLETED, hostile)),
    }[verb]()
    written = messages(store.get(task.id))

    assert len(written) == 2
    assert is_harmless(written[-1])


def test_what_a_person_found_out_becomes_harmless_lines(store, an_unknown_task, messages, hostile):
    task = an_unknown_task()
    store.resolve(task.id, Resolution(done=True, messages=(hostile, "Resolved")), 3)
    written = messages(store.get(task.id))

    assert written[-1] == "Resolved"
    assert is_harmless(written[-2])


def test_a_reason_becomes_a_harmless_line(store, a_claimed_task, a_paying_task, messages, hostile):
    released = store.release(a_claimed_task(max_attempts=1), hostile, free=False)
    withdrawn = store.withdraw(a_paying_task(max_attempts=1), hostile)
    for task in (released, withdrawn):
        assert is_harmless(messages(task)[-1])
        assert is_harmless(task.error_message)


def test_an_error_becomes_a_harmless_line(store, a_claimed_task, hostile):
    ended = store.end(a_claimed_task(), Ending(Status.FAILED, "Failed", hostile))

    assert is_harmless(ended.error_message)
    assert store.get(ended.id) == ended


def test_a_message_of_300_characters_is_kept_whole(store, a_claimed_task, messages):
    task = a_claimed_task()
    store.step(task, "ü" * 300)
    store.step(task, "ü" * 301)

    assert messages(store.get(task.id))[-2] == "ü" * 300
    assert messages(store.get(task.id))[-1] == "ü" * 299 + "…"
