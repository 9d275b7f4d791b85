import asyncio
import json
from dataclasses import replace

import pytest

from taskq import lease as leases
from taskq import run as runs
from taskq.artifacts import Folder
from taskq.errors import LeaseLost, NotStarted, StoreFailed
from taskq.lease import Lease
from taskq.models import Ending, NewTask, Outcome, Resolution, Status
from taskq.plan import Step
from taskq.process import Process
from taskq.run import Run
from taskq.settings import load
from taskq.worker.lastword import LastWord
from taskq.worker.outbox import Outbox

PAY = Step("Paying", once=True)
PLACED = Ending(Status.COMPLETED, "Delivered", result={"order": "1001"}, evidence=1)


@pytest.fixture
def clock(monkeypatch):
    """Milliseconds since boot, in a list of one."""
    now = [1_000_000]
    for room in (leases, runs):
        monkeypatch.setattr(room, "boot_ms", lambda: now[0])
    return now


@pytest.fixture
def task(store):
    worker = store.enlist(Process.current(), None, 1, ["parcel"])
    store.submit(NewTask("k7f", "parcel", {}))
    return store.claim(worker, {"parcel": []})


@pytest.fixture
def a_run(task, home, clock):
    async def ask(call):
        return call()

    def make(store):
        return Run(
            task=task,
            params=None,
            words={},
            store=store,
            ask=ask,
            folder=Folder(home / "runs", task.id),
            lease=Lease(60, clock[0]),
            settings=load(),
        )

    return make


class Slow:
    """A store whose every write takes *seconds*: the disk is slow, or the process was frozen."""

    def __init__(self, store, clock, seconds):
        self._store, self._clock, self._seconds = store, clock, seconds

    def __getattr__(self, verb):
        def write(*args, **more):
            done = getattr(self._store, verb)(*args, **more)
            self._clock[0] += int(self._seconds * 1000)
            return done

        return write


# The lease, as its holder counts it


def test_a_lease_counts_from_before_the_write_that_renewed_it(clock):
    lease = Lease(60, clock[0])
    clock[0] += 39_000
    assert not lease.is_short()
    clock[0] += 2_000
    assert lease.is_short()
    assert lease.holds()
    clock[0] += 20_000
    assert not lease.holds()


def test_an_earlier_write_that_comes_back_late_shortens_no_lease(clock):
    lease = Lease(60, clock[0])
    lease.renewed(clock[0] + 50_000)
    lease.renewed(clock[0] + 10_000)
    clock[0] += 100_000

    assert lease.holds()


def test_a_sign_of_life_that_wrote_nothing_renews_no_lease(a_run, store, clock):
    run = a_run(store)
    for _ in range(7):
        clock[0] += 9_000
        run.alive()

    assert not run.lease.holds()


def test_a_step_renews_it(a_run, store, clock):
    run = a_run(store)
    clock[0] += 59_000
    asyncio.run(run.step("Packing"))
    clock[0] += 59_000

    assert run.lease.holds()


# Between the intent and the act


def test_who_was_frozen_while_the_intent_was_written_does_not_act(a_run, store, clock):
    run = a_run(Slow(store, clock, 2.5))
    asyncio.run(run.step(PAY))

    with pytest.raises(NotStarted, match=r"not ready for 2\.5 s"):
        run.must_act_now()


def test_who_was_quick_acts(a_run, store, clock):
    run = a_run(Slow(store, clock, 1.5))
    asyncio.run(run.step(PAY))

    run.must_act_now()


def test_whoever_lost_the_lease_meanwhile_does_not_act(a_run, store, clock):
    run = a_run(store)
    asyncio.run(run.step(PAY))
    run.lease = Lease(60, clock[0] - 61_000)

    with pytest.raises(NotStarted):
        run.must_act_now()


def test_an_intent_that_could_not_be_written_is_none_to_act_on(a_run, store, task):
    class Full:
        def intent(self, *_):
            raise StoreFailed("The disk is full")

    run = a_run(Full())
    with pytest.raises(NotStarted, match="The disk is full"):
        asyncio.run(run.step(PAY))

    assert not run.intends
    assert store.get(task.id).intent is None


# The last word


@pytest.fixture
def outbox(home):
    return Outbox(home / "taskq.db.outbox")


def said(store, outbox, task, failures, *, hurried=False, ending=PLACED):
    """Say how *task* ended to a store that fails so often; (the task, the notices)."""
    notices = []

    async def ask(call):
        if failures and failures.pop():
            raise StoreFailed("The disk is full")
        return call()

    async def live():
        word = LastWord(ask, store, outbox, notices.append)
        if hurried:
            word.hurry()
        return await word.end(task, ending)

    return asyncio.run(live()), notices


def test_a_last_word_is_tried_again(store, outbox, task):
    ended, notices = said(store, outbox, task, [True, True, True])

    assert ended.outcome is Outcome.SUCCEEDED
    assert notices == ["The disk is full. Trying for a minute to write how it ended"]


def test_a_last_word_in_a_hurry_is_kept_and_delivered_once(store, outbox, task, home):
    with pytest.raises(StoreFailed, match=r"How task k7f ended is kept in .*k7f\.1\.json"):
        said(store, outbox, task, [True], hurried=True)
    assert store.get(task.id).current_status is Status.PROCESSING
    delivered = outbox.deliver(store)

    assert [t.result_data["order"] for t in delivered] == ["1001"]
    assert outbox.deliver(store) == []
    assert list((home / "taskq.db.outbox").iterdir()) == []


def test_where_it_cannot_be_kept_either_the_store_is_what_is_complained_of(store, task, home):
    (home / "blocked").write_text("a file, where a folder should be")
    with pytest.raises(StoreFailed, match=r"^The disk is full$"):
        said(store, Outbox(home / "blocked" / "outbox"), task, [True], hurried=True)


def test_what_is_not_ours_to_say_any_more_is_forgotten(store, outbox, task, home):
    outbox.keep(task, Ending(Status.FAILED, "Failed", "no"))
    store.release(task, "Worker crashed", free=True)

    assert outbox.deliver(store) == []
    assert store.get(task.id).current_status is Status.PENDING
    assert list((home / "taskq.db.outbox").iterdir()) == []


def test_what_is_said_of_a_task_of_another_database_waits_for_that(store, outbox, task):
    kept = outbox.keep(replace(task, id="elsewhere"), PLACED)

    assert outbox.deliver(store) == []
    assert kept.exists()


def test_a_kept_order_overrules_a_person_who_saw_none(store, outbox, task):
    store.intent(task, "Paying", {})
    outbox.keep(task, PLACED)
    store.end(task, Ending(Status.FAILED, "Needs review: look", "Needs review: look"))
    store.resolve(task.id, Resolution(done=False, messages=("No",), retry=True), 3)

    assert [t.outcome for t in outbox.deliver(store)] == [Outcome.SUCCEEDED]


def test_an_outbox_that_still_cannot_be_delivered_keeps_what_it_has(store, outbox, task):
    class Full:
        get = store.get

        def end(self, *_):
            raise StoreFailed("The disk is full")

    kept = outbox.keep(task, PLACED)
    with pytest.raises(StoreFailed):
        outbox.deliver(Full())

    assert json.loads(kept.read_text())["id"] == "k7f"


def test_a_refusal_is_final(store, outbox, task):
    store.release(task, "Worker crashed", free=True)
    with pytest.raises(LeaseLost):
        said(store, outbox, task, [], ending=replace(PLACED, evidence=None))
