"""Handlers and listeners that misbehave: their task ends with a word, and the worker goes on."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import BaseModel

from taskq import tasks
from taskq.errors import Declined, TaskFailed
from taskq.models import Outcome, Status
from taskq.plan import Step
from taskq.process import Process
from taskq.registry import Handler
from taskq.settings import load
from taskq.worker import Work, verify
from taskq.worker.orders import Orders, Told

PAY = Step("Paying", once=True)


class Nothing(BaseModel):
    """No params."""


@pytest.fixture
def worked(store):
    """Submit one task of a handler and let a worker work it off; the task."""

    def work(run, *, told=None, orders=None, known=True, **more):
        fields = {name: more.pop(name) for name in ("verify", "words") if name in more}
        plan = (PAY, Step("Done", 0))
        handler = Handler("thing", Nothing, run, plan=plan, max_attempts=2, **fields)
        task = tasks.submit(store, handler, Nothing()).task
        handlers = {"thing": handler} if known else {"other": replace(handler, task_type="other")}
        settings = load(**{"lease_seconds": 2, "verify_seconds": 0.3, **more})
        work = Work(store, settings, handlers, orders or Orders(drain=True), told or Told())
        asyncio.run(asyncio.wait_for(work.run(), 20))
        return store.get(task.id)

    return work


async def pays(run):
    await run.step(PAY, shop="kith.com")
    run.must_act_now()


async def unclear(run):
    await pays(run)
    raise TaskFailed("no answer")


def test_a_result_that_is_no_json_is_kept_as_text(worked):
    async def run(run):
        return {"total": Decimal("1.50"), "order": 1}

    assert worked(run).result_data["total"] == "1.50"


def test_a_handler_that_cancels_itself_has_failed_once(worked):
    async def run(run):
        hanging = asyncio.ensure_future(asyncio.sleep(60))
        hanging.cancel()
        await hanging

    task = worked(run)

    assert (task.outcome, task.attempt) == (Outcome.FAILED, 1)
    assert task.error_message == "the handler cancelled itself"


def test_a_plain_def_that_leaks_a_stop_iteration_has_failed(worked):
    def run(run):
        next(iter([]))

    assert "StopIteration" in worked(run).error_message


def test_a_closed_pipe_decides_nothing(worked):
    def gone(*_):
        raise BrokenPipeError

    async def run(run):
        await pays(run)
        return {"order": "1001"}

    deaf = Told(started=gone, ready=gone, task=gone, entry=gone, notice=gone)

    assert worked(run, told=deaf).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("fault", ["raises", "hangs", "finds nothing"])
def test_a_verify_that_fails_or_hangs_ends_as_a_question(worked, monkeypatch, fault):
    monkeypatch.setattr(verify, "_LOOK_SECONDS", 0.3)

    async def look(run):
        if fault == "raises":
            raise KeyError("order")
        if fault == "hangs":
            await asyncio.sleep(60)

    task = worked(unclear, verify=look)

    assert task.outcome is Outcome.UNKNOWN
    assert task.error_message.startswith("Needs review: a payment to kith.com was begun at ")
    assert task.attempt == 1


def test_a_verify_that_fails_once_is_asked_again(worked):
    looks = []

    async def look(run):
        looks.append(1)
        if len(looks) == 1:
            raise ConnectionError("the shop was away")
        return {"order": "1001"}

    assert worked(unclear, verify=look, verify_seconds=5).outcome is Outcome.SUCCEEDED


def test_a_handler_whose_words_have_changed_since_the_payment_ends_as_a_question(worked):
    words = iter([{}, {}])  # for the plan, and for the first attempt

    async def look(run):
        return {"order": "1001"}

    task = worked(unclear, verify=look, words=lambda _: next(words))

    assert task.outcome is Outcome.UNKNOWN


def test_a_payment_without_a_sign_of_life_is_looked_for_and_the_worker_can_still_leave(worked):
    async def run(run):
        await pays(run)
        await asyncio.sleep(60)

    async def look(run):
        return {"order": "1001"}

    task = worked(run, verify=look, stuck_seconds=0.5)

    assert (task.outcome, task.attempt) == (Outcome.SUCCEEDED, 1)


def test_a_stuck_handler_is_stopped_also_where_the_worker_leaves_after_one_task(worked):
    async def run(run):
        await asyncio.sleep(60)

    task = worked(run, stuck_seconds=0.5, orders=Orders(once=True))

    assert task.current_status is Status.PENDING
    assert task.progress[-1].message == "No sign of life for 0.5 s: back in the queue"


def test_an_intent_that_grew_too_old_is_taken_back_and_the_next_attempt_pays(worked):
    async def run(run):
        await run.step(PAY, shop="kith.com")
        if run.task.attempt == 1:
            run.intended_ms -= 3000  # frozen for three seconds
        run.must_act_now()
        return {"order": "1001"}

    task = worked(run)

    assert (task.outcome, task.attempt) == (Outcome.SUCCEEDED, 2)
    assert "Payment not started: the worker was not ready for 3.0 s" in [
        entry.message for entry in task.progress
    ]


def test_a_decline_stays_a_decline(worked):
    async def run(run):
        await pays(run)
        raise Declined("no money")

    assert worked(run).error_message == "no money"


@pytest.fixture
def lost_payment(store):
    """A payment of a type, begun by a worker that is gone."""

    def make(task_type):
        handler = Handler(task_type, Nothing, unclear, plan=(PAY, Step("Done", 0)))
        tasks.submit(store, handler, Nothing())
        worker = store.enlist(Process.current(), None, 1, [task_type])
        task = store.claim(worker, {task_type: []})
        store.intent(task, "Paying", {"shop": "kith.com"})
        store.leave(worker.id)
        return task

    return make


async def quickly(run):
    return None


def test_a_payment_whose_type_nobody_knows_any_more_ends_as_a_question(worked, store, lost_payment):
    lost = lost_payment("gone")
    worked(quickly)

    assert store.get(lost.id).outcome is Outcome.UNKNOWN


def test_a_worker_for_one_task_looks_after_no_other(store, lost_payment, home):
    lost = lost_payment("thing")
    handler = Handler("thing", Nothing, quickly)
    mine = tasks.submit(store, handler, Nothing()).task
    work = Work(store, load(verify_seconds=60), {"thing": handler}, Orders(only=mine.id), Told())
    asyncio.run(asyncio.wait_for(work.run(), 20))

    assert store.get(mine.id).outcome is Outcome.SUCCEEDED
    assert store.get(lost.id).current_status is Status.PROCESSING


@pytest.mark.parametrize("content", [b"", b"[]", b'{"id": "a"}', b'{"ending": {"status": "x"}}'])
def test_a_file_in_the_outbox_that_says_nothing_is_set_aside(worked, home, content):
    (home / "taskq.db.outbox").mkdir()
    (home / "taskq.db.outbox" / "a.1.json").write_bytes(content)

    assert worked(quickly).outcome is Outcome.SUCCEEDED
    assert [f.name for f in (home / "taskq.db.outbox").iterdir()] == ["a.1.unreadable"]
