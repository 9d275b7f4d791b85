"""Every verb that writes, as a deed: what is there before, the verb itself, what is true after.

Each is a generator: it prepares with `it`, the test's own hands on the store, yields the verb for
whoever is to do it, is sent what that gave, and looks at what has become of it.
"""

from __future__ import annotations

from taskq.models import Beat, Ending, Outcome, Resolution, Status

STARTED = "Task started by worker-1"


def _said(it, task, *messages):
    """The task is as it was told, and each entry is there once."""
    there = it.store.get(task.id)
    assert it.messages(there) == list(messages)
    return there


def submit(it):
    new = it.a_new_task(key="monday", identity="hoodie")
    task, is_new = yield lambda store: store.submit(new)

    assert (task.id, is_new) == (new.id, True)
    assert it.store.list() == [task]


def submit_without_a_key(it):
    new = it.a_new_task(identity="hoodie")
    task, is_new = yield lambda store: store.submit(new)

    assert (task.id, is_new) == (new.id, True)
    assert it.store.list() == [task]


def submit_all(it):
    news = [it.a_new_task(key=str(number)) for number in range(3)]
    made = yield lambda store: store.submit_all(news)

    assert [(task.id, is_new) for task, is_new in made] == [(new.id, True) for new in news]
    assert it.store.counts() == {"pending": 3}


def cancel_what_waits(it):
    task, _ = it.store.submit(it.a_new_task())
    cancelled = yield lambda store: store.cancel(task.id)

    assert cancelled.outcome is Outcome.CANCELLED
    assert _said(it, task, "Cancelled") == cancelled


def cancel_what_runs(it):
    task = it.a_claimed_task()
    asked = yield lambda store: store.cancel(task.id)

    assert asked.cancel_requested
    assert _said(it, task, STARTED) == asked


def retry(it):
    task = it.store.end(it.a_claimed_task(), it.failed)
    retried = yield lambda store: store.retry(task.id, 3)

    assert (retried.current_status, retried.max_attempts) == (Status.PENDING, 4)
    assert _said(it, task, *it.messages(task)) == retried


def resolve(it):
    task = it.an_unknown_task()
    found = Resolution(done=True, messages=("Resolved by kim", "Placed"), result={"order": "1"})
    resolved = yield lambda store: store.resolve(task.id, found, 3)

    assert resolved.outcome is Outcome.SUCCEEDED
    assert _said(it, task, *it.messages(task), "Resolved by kim", "Placed") == resolved


def resolve_and_retry(it):
    task = it.an_unknown_task()
    no = Resolution(done=False, messages=("Not bought",), retry=True)
    resolved = yield lambda store: store.resolve(task.id, no, 3)

    assert (resolved.current_status, resolved.max_attempts) == (Status.PENDING, task.attempt + 3)
    assert _said(it, task, *it.messages(task), "Not bought") == resolved


def prune(it):
    tasks = [it.store.end(it.a_claimed_task(), it.failed) for _ in range(2)]
    ids, forgotten = [task.id for task in tasks], set()
    before = tasks[-1].completed_at + it.later
    pruned = yield lambda store: store.prune(ids, before, forgotten.add)

    assert sorted(pruned) == sorted(ids)
    assert forgotten == set(ids)
    assert it.store.list() == []


def enlist(it):
    worker = yield it.a_worker

    assert worker.name == "worker-1"
    assert it.store.workers() == [worker]


def enlist_with_a_number(it):
    worker = yield lambda store: it.a_worker(store, 7)

    assert worker.name == "worker-7"
    assert it.store.workers() == [worker]


def leave(it):
    worker = it.a_worker(it.store)
    yield lambda store: store.leave(worker.id)

    assert it.store.workers() == []


def claim(it):
    new, _ = it.store.submit(it.a_new_task(lane="kith.com", account="work"))
    it.store.submit(it.a_new_task())
    worker = it.a_worker(it.store)
    task = yield lambda store: store.claim(worker, {new.type: []})

    assert (task.id, task.attempt, task.worker) == (new.id, 1, worker.id)
    assert _said(it, task, STARTED) == task
    assert it.store.counts() == {"pending": 1, "processing": 1}


def step(it):
    task = it.a_claimed_task()
    asked = yield lambda store: store.step(task, "Opening product page", planned=True)

    assert asked is False
    _said(it, task, STARTED, "Opening product page")


def step_with_the_same_words(it):
    """The same words twice are two entries: none is the other, said once more."""
    task = it.a_claimed_task()
    yield lambda store: [store.step(task, "Waiting") for _ in range(3)]

    _said(it, task, STARTED, *["Waiting"] * 3)


def count(it):
    task = it.a_claimed_task()
    yield lambda store: store.count(task, 3, 4)

    assert _said(it, task, STARTED).result_data["count"] == {"done": 3, "total": 4}


def note(it):
    task = it.a_claimed_task()
    yield lambda store: store.note(task.id, "From outside")

    _said(it, task, STARTED, "From outside")


def intent(it):
    task = it.a_claimed_task(identity="hoodie")
    yield lambda store: store.intent(task, "Processing payment", {"shop": "kith.com"})

    assert _said(it, task, STARTED, "Processing payment").intent["shop"] == "kith.com"


def withdraw(it):
    task = it.a_paying_task()
    withdrawn = yield lambda store: store.withdraw(task, "too slow")

    assert withdrawn.current_status is Status.PENDING
    assert _said(it, task, *it.messages(task), "Payment not started: too slow") == withdrawn


def beat(it):
    worker = it.a_worker(it.store)
    task = it.a_claimed_task(worker=worker)
    told = yield lambda store: store.beat(worker, [task])

    assert told == Beat(frozenset(), frozenset())


def end(it):
    task = it.a_claimed_task()
    ended = yield lambda store: store.end(task, it.failed)

    assert ended.outcome is Outcome.FAILED
    assert _said(it, task, STARTED, it.failed.message) == ended


def end_with_evidence(it):
    task = it.a_paying_task()
    ended = yield lambda store: store.end(task, it.placed)

    assert (ended.outcome, ended.result_data["order"]) == (Outcome.SUCCEEDED, "1001")
    assert _said(it, task, *it.messages(task), it.placed.message) == ended


def end_without_a_word(it):
    task = it.a_claimed_task()
    ended = yield lambda store: store.end(task, Ending(Status.COMPLETED))

    assert _said(it, task, STARTED) == ended


def release(it):
    task = it.a_claimed_task()
    released = yield lambda store: store.release(task, "Worker stopped", free=True)

    assert (released.current_status, released.max_attempts) == (Status.PENDING, 4)
    assert _said(it, task, STARTED, "Worker stopped: back in the queue") == released


def reap(it):
    task = it.a_claimed_task(by=it.hasty)
    lost = yield lambda store: store.reap()

    there = _said(it, task, STARTED, "Worker crashed: back in the queue")
    assert list(lost) in ([there], [])  # who was told before the wire broke, cannot be known


def take(it):
    task = it.a_paying_task(by=it.hasty)
    worker = it.a_worker(it.store)
    taken = yield lambda store: store.take(worker, [task.type])

    assert (taken.id, taken.attempt, taken.worker) == (task.id, task.attempt + 1, worker.id)
    assert _said(it, task, *it.messages(task)) == taken


DEEDS = (
    submit,
    submit_without_a_key,
    submit_all,
    cancel_what_waits,
    cancel_what_runs,
    retry,
    resolve,
    resolve_and_retry,
    prune,
    enlist,
    enlist_with_a_number,
    leave,
    claim,
    step,
    step_with_the_same_words,
    count,
    note,
    intent,
    withdraw,
    beat,
    end,
    end_with_evidence,
    end_without_a_word,
    release,
    reap,
    take,
)
