"""The whole life of tasks in any order of events, with a clock that a machine turns.

Workers come, freeze, wake and go; a shop charges whoever asks it to; a person looks and tells the
truth. The rules are what a worker may do; the invariants what must then hold at every moment.
"""

from __future__ import annotations

import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from unittest import mock

import hypothesis.strategies as st
import psycopg
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from taskq.errors import CancelRequested, Duplicate, LeaseLost, WrongMoment
from taskq.models import Ending, NewTask, Outcome, Resolution, Status, Task, Worker
from taskq.plan import STARTED_STEP, Step, to_row
from taskq.process import Process
from taskq.run import ACT_WITHIN
from taskq.stores import open_store

PAYING, PLACED = "Processing payment", "Order placed successfully"
PLAN = to_row(
    (
        STARTED_STEP,
        Step("Opening product page"),
        Step(PAYING, once=True),
        Step(PLACED, 0, otherwise="Checkout failed: {error}"),
    )
)
LEASE_MS = 60_000
REFUSED = (LeaseLost, CancelRequested, Duplicate, WrongMoment)


@dataclass
class Attempt:
    """An attempt in a worker's hands; what it knows of itself."""

    task: Task
    worker: Worker
    leased_ms: int
    intended_ms: int | None = None
    acted: bool = False
    withdrawn: bool = False


@dataclass
class Shop:
    """The truth about money."""

    charges: dict[str, int] = field(default_factory=dict)


class Life(RuleBasedStateMachine):
    workers = Bundle("workers")
    attempts = Bundle("attempts")
    verifiers = Bundle("verifiers")
    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.boot_ms, self.wall = 1_000_000, 1_000_000
        self.numbers = count(1)
        self.shop = Shop()
        self.is_again: dict[str, bool] = {}
        self.seen: dict[str, list] = {}
        self.attempts_seen: dict[str, int] = {}
        self.completed: set[str] = set()
        self.clocks = [
            mock.patch("taskq.stores.sqlite.engine.boot_ms", self.since_boot),
            mock.patch("taskq.stores.verbs.owning.boot_ms", self.since_boot),
            mock.patch("taskq.stores.sqlite.rows.boot_ms", self.since_boot),
            mock.patch("taskq.stores.sqlite.rows.now", self.now),
        ]
        for clock in self.clocks:
            clock.start()
        self.folder = tempfile.TemporaryDirectory()
        self.store = self.opened()

    def opened(self):
        """An empty store."""
        return open_store(str(Path(self.folder.name) / "taskq.db"), lease_seconds=60)

    def leases_age(self, milliseconds) -> None:
        """The store's own clock goes on; a file's is this machine's, which we turn."""

    def since_boot(self) -> int:
        return self.boot_ms

    def now(self) -> str:
        self.wall += 1
        return f"2026-01-01T{self.wall // 10**6 % 24:02}:00:00.{self.wall % 10**6:06}Z"

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()
        for clock in self.clocks:
            clock.stop()

    # People

    @rule(target=ids, identity=st.sampled_from([None, "a", "b"]), again=st.booleans())
    def submit(self, identity, again):
        new = NewTask(
            f"task-{next(self.numbers)}", "order", {}, PLAN, identity=identity, again=again
        )
        self.is_again[new.id] = again
        try:
            return self.store.submit(new)[0].id
        except Duplicate:
            return multiple()

    @rule(task=ids)
    def cancel(self, task):
        self.refused(lambda: self.store.cancel(task))

    @rule(task=ids)
    def retry(self, task):
        self.refused(lambda: self.store.retry(task, 3))

    @rule(task=ids, again=st.booleans())
    def resolve(self, task, again):
        """A person looks at the bank, and tells the truth."""
        if self.shop.charges.get(task):
            said = Resolution(done=True, messages=("Marked as done by ada", PLACED))
        else:
            no = "Marked as not done by ada"
            error = None if again else no
            said = Resolution(done=False, messages=(no,), error=error, retry=again)
        self.refused(lambda: self.store.resolve(task, said, 3))

    # Time

    @rule(milliseconds=st.sampled_from([1, 900, 2_100, 20_000, 61_000]))
    def time_passes(self, milliseconds):
        self.boot_ms += milliseconds
        self.leases_age(milliseconds)

    @rule(microseconds=st.integers(-(10**7), 10**7))
    def the_wall_clock_is_set(self, microseconds):
        self.wall = max(0, self.wall + microseconds)

    # Workers

    @initialize(target=workers)
    def a_first_worker(self):
        return self.enlist()

    @rule(target=workers)
    def enlist(self):
        return self.store.enlist(Process.current(), None, 1, ["order"])

    @rule(worker=workers)
    def leave(self, worker):
        """A worker is gone; its attempts may only be frozen, and go on later."""
        self.store.leave(worker.id)

    @rule(target=attempts, worker=workers)
    def claim(self, worker):
        asked = self.boot_ms
        task = self.store.claim(worker, {"order": []})
        return Attempt(task, worker, asked) if task else multiple()

    @rule(attempt=attempts)
    def step(self, attempt):
        def write():
            self.store.step(attempt.task, "Opening the page again")
            attempt.leased_ms = self.boot_ms

        if not attempt.intended_ms:
            self.refused(write)

    @rule(attempt=attempts)
    def beat(self, attempt):
        if attempt.task.id not in self.store.beat(attempt.worker, [attempt.task]).lost:
            attempt.leased_ms = self.boot_ms

    @rule(attempt=attempts)
    def intend(self, attempt):
        def write():
            self.store.intent(attempt.task, PAYING, {"shop": "kith.com"})
            attempt.intended_ms = attempt.leased_ms = self.boot_ms

        if attempt.intended_ms is None:
            self.refused(write)

    @rule(attempt=attempts)
    def act(self, attempt):
        """Press Pay: only right after the intent, and while the lease holds."""
        if attempt.intended_ms is None or attempt.acted or attempt.withdrawn:
            return
        in_time = self.boot_ms - attempt.intended_ms <= ACT_WITHIN * 1000
        if in_time and self.boot_ms - attempt.leased_ms < LEASE_MS:
            attempt.acted = True
            task = attempt.task.id
            self.shop.charges[task] = self.shop.charges.get(task, 0) + 1

    @rule(attempt=attempts)
    def withdraw(self, attempt):
        if attempt.intended_ms and not attempt.acted and not attempt.withdrawn:
            attempt.withdrawn = True
            self.refused(lambda: self.store.withdraw(attempt.task, "too slow"))

    @rule(attempt=attempts)
    def decline(self, attempt):
        if attempt.intended_ms and not attempt.acted and not attempt.withdrawn:
            attempt.withdrawn = True
            no = Ending(Status.FAILED, "Checkout failed: no", "no", clears_intent=True)
            self.refused(lambda: self.store.end(attempt.task, no))

    @rule(attempt=attempts)
    def say_placed(self, attempt):
        if attempt.acted:
            self.refused(lambda: self.store.end(attempt.task, self.placed(attempt.task)))

    @rule(attempt=consumes(attempts))
    def fail(self, attempt):
        if attempt.intended_ms is None:
            sold_out = Ending(Status.FAILED, "Checkout failed: sold out", "sold out")
            self.refused(lambda: self.store.end(attempt.task, sold_out))

    @rule(attempt=consumes(attempts), free=st.booleans())
    def give_back(self, attempt, free):
        self.refused(lambda: self.store.release(attempt.task, "Worker stopped", free=free))

    @rule(attempt=consumes(attempts))
    def is_killed(self, attempt):
        pass

    @rule()
    def reap(self):
        self.store.reap()

    @rule(target=verifiers, worker=workers)
    def take(self, worker):
        task = self.store.take(worker, ["order"])
        return Attempt(task, worker, self.boot_ms) if task else multiple()

    @rule(attempt=consumes(verifiers), sees=st.booleans())
    def verify(self, attempt, sees):
        """Look for the order: what is there may be found, what is not there never is."""
        if self.shop.charges.get(attempt.task.id) and sees:
            ending = self.placed(attempt.task)
        else:
            ending = Ending(Status.FAILED, "Needs review: look", "Needs review: look")
        self.refused(lambda: self.store.end(attempt.task, ending))

    def placed(self, task):
        attempt = (task.intent or {}).get("attempt", task.attempt)
        order = {"order": f"for-{task.id}"}
        return Ending(Status.COMPLETED, PLACED, result=order, evidence=attempt)

    def refused(self, write):
        with suppress(*REFUSED):
            write()

    # What must hold at every moment

    @invariant()
    def the_laws_hold(self):
        for task in self.store.list(limit=1000):
            charged = self.shop.charges.get(task.id, 0)
            assert charged <= 1, task
            if task.outcome is Outcome.SUCCEEDED:
                assert charged == 1, task
            if task.outcome in {Outcome.FAILED, Outcome.CANCELLED}:
                assert charged == 0, task
            if task.current_status is Status.PENDING:
                assert charged == 0, task
            if charged:
                assert PAYING in self.messages(task), task
            if task.outcome is Outcome.UNKNOWN:
                assert PAYING in self.messages(task), task
            self.history_goes_forward(task)

    def history_goes_forward(self, task):
        entries = [(entry.message, entry.timestamp) for entry in task.progress]
        before = self.seen.get(task.id, [])
        assert entries[: len(before)] == before, task
        self.seen[task.id] = entries
        stamps = [stamp for _, stamp in entries]
        assert stamps == sorted(stamps), task
        assert task.attempt >= self.attempts_seen.get(task.id, 0), task
        self.attempts_seen[task.id] = task.attempt
        if task.id in self.completed:
            assert task.current_status is Status.COMPLETED, task
        if task.current_status is Status.COMPLETED:
            self.completed.add(task.id)
        assert task.ended == (task.completed_at is not None), task

    @invariant()
    def of_one_purchase_one_payment_is_open(self):
        """Except where a person wished it bought again."""
        open_ = [
            task.identity
            for task in self.store.list(limit=1000)
            if task.intent
            and not self.is_again[task.id]
            and task.identity
            and task.current_status is not Status.COMPLETED
        ]
        assert len(open_) == len(set(open_))

    @staticmethod
    def messages(task):
        return [entry.message for entry in task.progress]


def live(life, examples, steps):
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def test_whatever_happens_in_whatever_order_no_law_is_broken(times, figure):
    examples, steps = times(100, 500), times(40, 50)
    live(Life, examples, steps)
    figure(
        "a hypothesis state machine of the whole life",
        f"{examples} lives of {steps} events, with a clock that is turned: no invariant broken",
    )


def test_whatever_happens_on_postgres_no_law_is_broken(on_postgres, times, figure):
    """Its clock is not ours to turn: every lease is made older instead."""
    older = "lease_expires_at = lease_expires_at - make_interval(secs => %s)"

    class LifeOnPostgres(Life):
        def opened(self):
            server.execute("delete from tasks")
            server.execute("delete from taskq.workers")
            return open_store(on_postgres, lease_seconds=60)

        def leases_age(self, milliseconds):
            seconds = (milliseconds / 1000,)
            server.execute(f"update tasks set {older} where lease_expires_at > '2000-1-1'", seconds)
            server.execute(f"update taskq.workers set {older}", seconds)

    examples, steps = times(60, 500), times(40, 50)
    with closing(psycopg.connect(on_postgres, autocommit=True)) as server:
        live(LifeOnPostgres, examples, steps)
    figure(
        "the same state machine on Postgres",
        f"{examples} lives of {steps} events: no invariant broken",
    )
