"""What a person finds out about a payment of which nobody saw the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from taskq.artifacts import Folder
from taskq.clean import clean
from taskq.errors import WrongMoment
from taskq.models import Outcome, Resolution, Task, Worker
from taskq.plan import failure_message
from taskq.store import Store
from taskq.tasks import attempts_of, named


@dataclass(frozen=True)
class Finding:
    """What a person found out about a payment: *done* (with the order's number, if known) or not.

    *again* puts a task that bought nothing back in the queue; *who* said so: `by ada`.
    """

    done: bool
    who: str
    reference: str | None = None
    again: bool = False


def resolve(store: Store, task: Task, finding: Finding, data_dir: Path) -> Task:
    """Record what a person found out about a task whose outcome is unknown.

    What was kept in the task's folder to look for the order by is deleted: the end is known.

    Raises:
        WrongMoment: its outcome is not unknown.
    """
    resolved = store.resolve(task.id, _resolution(task, finding), attempts_of(task))
    Folder(data_dir, task.id).forget_verify()
    return resolved


def unknown(store: Store, text: str) -> Task:
    """The task that *text* means, if nobody knows whether it bought something.

    Raises:
        TaskNotFound, BadInput: see `named`.
        WrongMoment: it is known.
    """
    task = named(store, text)
    if task.outcome is not Outcome.UNKNOWN:
        state = f"it has ended ({task.outcome})" if task.ended else f"it is {task.current_status}"
        raise WrongMoment(f"Task {task.id} needs no review: {state}")
    return task


def unproven_owner(store: Store, task: Task) -> Worker | None:
    """The worker that began the payment, if it may still be at it.

    It may where another worker has judged the task since and nothing proves that it is dead: a
    frozen process may wake up.
    """
    began = (task.intent or {}).get("worker")
    if began == task.worker:
        return None
    there = [worker for worker in store.workers() if not worker.process.is_proven_dead()]
    return next((worker for worker in there if worker.id == began), None)


def _resolution(task: Task, finding: Finding) -> Resolution:
    plan = task.plan or ()
    if finding.done:
        reference = clean(finding.reference or "")
        said = f"Marked as done {finding.who}" + (f": {reference}" if reference else "")
        closing = plan[-1]["step"] if plan else "Completed"
        result = {"order": reference} if reference else {}
        return Resolution(done=True, messages=(said, closing), result=result)
    error = f"Marked as not done {finding.who}"
    messages = (error,) if finding.again else (failure_message(plan, error),)
    return Resolution(done=False, messages=messages, error=error, retry=finding.again)
