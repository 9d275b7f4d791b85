"""The port: where tasks live, in the words of the domain.

Every verb that writes is one statement, or one short transaction, and proves its right in it: a
write of a worker names the attempt it belongs to. All methods are synchronous, safe to call from
several threads, and none is open while a browser works.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from taskq.models import (
    Answer,
    Beat,
    Ending,
    NewTask,
    Outcome,
    Resolution,
    Status,
    Task,
    Worker,
)
from taskq.process import Process


class Hints(Protocol):
    """Tells one thread that something may have changed. A hint is never data: read again."""

    def wait(self, seconds: float) -> bool:
        """Return True as soon as something may have changed, False after *seconds*."""

    def changed(self, ids: Collection[str]) -> Sequence[Task]:
        """Those of *ids* that are otherwise than when this was last asked for them, read anew.

        What was not asked for last time is new. A renewed lease is no change. A damaged row is
        left out: it must not keep the others from being told.
        """

    def close(self) -> None:
        """Nobody asks any more; the store closes those that are left."""


class Store(Protocol):
    """Where tasks live."""

    # For those who submit and ask

    def submit(self, new: NewTask) -> tuple[Task, bool]:
        """Insert a pending task; (the task, whether it is new).

        The same key, type, account and params give the task that is there.

        Raises:
            KeyTaken: the key was used for another type or account, or other params.
            Duplicate: a task of this identity may already have bought this.
        """

    def submit_all(self, news: Sequence[NewTask]) -> Sequence[tuple[Task, bool]]:
        """`submit` each, or none of them.

        Raises:
            RowRefused: one of them was refused; it names which, and why.
        """

    def cancel(self, task_id: str) -> Task:
        """End a pending task as cancelled, or ask a running one to stop.

        Raises:
            WrongMoment: it has ended, or its payment is in progress.
        """

    def retry(self, task_id: str, attempts: int) -> Task:
        """Put a failed task back to pending with *attempts* more attempts.

        Raises:
            WrongMoment: it has not failed, or whether it bought something is unknown.
        """

    def resolve(self, task_id: str, resolution: Resolution, attempts: int) -> Task:
        """Record what a person found out about a task whose outcome is unknown.

        Raises:
            WrongMoment: its outcome is not unknown.
        """

    def prune(
        self, ids: Collection[str], before: datetime, forget: Callable[[str], None]
    ) -> Sequence[str]:
        """Delete those of *ids* that are `prunable`; which they were.

        *forget* is called for each before that is durable, while nobody can bring it back; what it
        raises undoes the deletion of all.
        """

    # For workers

    def enlist(
        self, process: Process, number: int | None, slots: int, types: Sequence[str]
    ) -> Worker:
        """Enter a start of a worker, named `worker-{number}` or by the lowest free number.

        Raises:
            StoreFailed: the store is damaged; a worker looks through it before it begins.
            WrongMoment: a worker of this number is alive.
        """

    def leave(self, worker_id: str) -> None:
        """A worker is gone, by its own word or proven dead: its leases are over now."""

    def workers(self) -> Sequence[Worker]:
        """The workers that have not left, oldest first."""

    def claim(
        self,
        worker: Worker,
        usual: Mapping[str, Sequence[float]],
        *,
        per_lane: int = 1,
        only: str | None = None,
    ) -> Task | None:
        """Hand the oldest due pending task to *worker* and to no one else; None if there is none.

        *usual* names the types to take, each with the seconds its steps usually take (an empty
        list keeps the plan's own); *per_lane* is how many tasks of one lane may run at a time (of
        one account it is always one); *only* takes this one task and no other.

        Raises:
            StoreFailed: a newer taskq has changed the database meanwhile.
        """

    def step(self, task: Task, message: str, *, planned: bool = False) -> bool:
        """Append an entry and renew the lease; True if somebody asked for the task to stop.

        Raises:
            LeaseLost: the task belongs to another attempt, or has ended.
        """

    def count(self, task: Task, done: int, total: int) -> bool:
        """Overwrite `result_data.count`, add no entry; otherwise as `step`."""

    def note(self, task_id: str, message: str) -> None:
        """Append an entry from outside the worker, while the task is processing.

        Raises:
            WrongMoment: it is not processing.
        """

    def intent(self, task: Task, message: str, intent: Mapping[str, Any]) -> None:
        """Record durably that the step that must never run twice is about to happen.

        Raises:
            CancelRequested: somebody asked for the task to stop.
            Duplicate: another task of this identity may already have bought this.
            LeaseLost: the lease is over, or an intent stands already.
        """

    def withdraw(self, task: Task, reason: str) -> Task:
        """Take back the intent of this attempt, which did not act on it.

        Back to pending; failed after the last attempt.

        Raises:
            LeaseLost: the standing intent is not this attempt's.
        """

    def beat(self, worker: Worker, tasks: Collection[Task]) -> Beat:
        """Renew the leases of *tasks* where they still hold, and say that *worker* is alive."""

    def end(self, task: Task, ending: Ending) -> Task:
        """Last entry, status, error and completed_at together; a repeated identical end is a no-op.

        Evidence is accepted from anybody while the task is not completed, also where a person has
        said that nothing was bought; a second order for a completed one is an entry of its own.

        Raises:
            LeaseLost: not this attempt's to end, and the ending is no evidence.
        """

    def release(self, task: Task, reason: str, *, free: bool) -> Task:
        """Give a task without an intent back, by its owner; *free* costs it no attempt.

        Raises:
            LeaseLost: not this attempt's, or an intent stands.
        """

    def reap(self) -> Sequence[Task]:
        """Release every task whose lease is over and that has no intent; what became of them."""

    def take(
        self,
        worker: Worker,
        types: Collection[str],
        *,
        window: float = 600,
        only: str | None = None,
    ) -> Task | None:
        """Own a task with a standing intent whose lease is over, to look what became of it.

        An intent that another host wrote is left to that host for *window* seconds: what is needed
        to look for the order is there. A task of a type that is not among *types* is left to those
        who know it for twice as long; then somebody must say that nobody knows. *only* takes this
        one task and no other.
        """

    # For those who watch

    def get(self, task_id: str) -> Task:
        """The task.

        Raises:
            TaskNotFound: there is none.
        """

    def find(self, prefix: str, limit: int = 10) -> Sequence[Task]:
        """Tasks whose id begins with *prefix*, newest first."""

    def list(  # noqa: PLR0913 - each narrows it in a way of its own
        self,
        *,
        status: Status | None = None,
        outcome: Outcome | None = None,
        task_type: str | None = None,
        identity: str | None = None,
        since: datetime | None = None,
        text: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Sequence[Task]:
        """Tasks, newest first; *since* leaves out what was submitted before.

        *text* is found in id, type, params, error or account, whatever the case of the letters A
        to Z; *after* goes on behind the task of that id, the last of the page before.
        """

    def every(
        self, *, task_type: str | None = None, since: datetime | None = None
    ) -> Iterator[Task]:
        """Every task, in one statement, each read when it is asked for: there may be a million."""

    def holder(self, account: str) -> Task | None:
        """The one task in processing that uses *account*; None if none does."""

    def prunable(self, before: datetime) -> Sequence[str]:
        """Tasks that ended before a moment, the oldest first.

        What needs review is not among them, nor what wants the same as a task that may be buying
        it, or may have bought it.
        """

    def counts(self) -> dict[str, int]:
        """How many tasks there are: pending, processing, and ended ones by outcome."""

    def query(self, statement: str) -> Answer:
        """What a person's own SQL gives; it only reads, and the documented queries are understood.

        Raises:
            BadInput: it is wrong, or would write.
        """

    def progress_since(self, seen: Mapping[str, int]) -> Sequence[Task]:
        """Of each id, the row with only the entries from number *seen* on, in one statement."""

    def history(self, task_type: str, limit: int = 20) -> Sequence[Task]:
        """The last completed runs of a type that were no dry runs: how long steps usually take."""

    def examine(self) -> Mapping[str, str]:
        """Look through all of it, and try to write; what a person may want to know of it.

        Raises:
            StoreFailed: it is damaged, or cannot be written.
        """

    def hints(self) -> Hints:
        """Hints of changes, for one thread."""

    def close(self) -> None:
        """Close every connection."""
