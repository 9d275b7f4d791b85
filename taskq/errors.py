"""What can go wrong, as facts.

    TaskqError
    ├── BadInput            2  what was typed cannot be meant
    │   ├── BadParams              the params of a task; which, and why
    │   └── KeyTaken               the key is another task's
    ├── RowRefused             one of several; its number is that of the reason
    ├── TaskNotFound        3  no task has this id
    ├── NotSetUp            5  database, browser, profile, card or login
    │   └── StoreFailed        the database cannot be read or written
    │       └── StoreBusy      it stayed locked
    ├── WrongMoment         6  finished, in progress, already running
    │   └── Duplicate          another task may already have paid for this
    └── (between worker, store and handler)
        ├── LeaseLost          the task belongs to another attempt now
        ├── CancelRequested    somebody asked this task to stop
        ├── NotStarted         an intent on which nothing was done
        ├── TaskFailed         the task cannot be done; nothing was bought
        ├── LoggedOut          so is this: the site knows the task's login no more
        └── Declined           the other side said no to the payment itself

The number is the exit code of the command that meets the error (EXIT_CODES has them all). Every
message is one sentence and, where there is one, the next command to type.
"""

from __future__ import annotations

EXIT_CODES = {
    0: "done",
    1: "failed",
    2: "usage",
    3: "no such task",
    4: "cancelled",
    5: "set-up (browser, database, profile, card, login)",
    6: "wrong moment (duplicate, finished, payment in progress, worker already running)",
    7: "needs review",
    124: "timeout",
    130: "interrupted",
}


class TaskqError(Exception):
    """Everything taskq raises on purpose."""

    exit_code = 1


class BadInput(TaskqError):
    """What was typed cannot be meant; nothing was done."""

    exit_code = 2


class BadParams(BadInput):
    """What was given describes no task; *faults* are (field or `input`, what is wrong with it)."""

    def __init__(self, message: str, faults: tuple[tuple[str, str], ...]) -> None:
        super().__init__(message)
        self.faults = faults


class KeyTaken(BadInput):
    """The key was used for a task of another type or account, or of other params."""

    def __init__(self, key: str, other: str) -> None:
        super().__init__(
            f"The key {key!r} is task {other}'s, which has other input: taskq status {other}"
        )
        self.other = other


class RowRefused(TaskqError):
    """One of several tasks cannot be submitted, so none was; it exits as its reason would."""

    def __init__(self, number: int, reason: TaskqError) -> None:
        super().__init__(f"Row {number}: {reason}. Nothing was submitted")
        self.exit_code = reason.exit_code
        self.number = number


class TaskNotFound(TaskqError):
    """No task has this id."""

    exit_code = 3

    def __init__(self, task_id: str) -> None:
        super().__init__(f"No task {task_id!r}. See the ones there are: taskq list")
        self.task_id = task_id


class NotSetUp(TaskqError):
    """Something taskq needs on this machine is missing or broken."""

    exit_code = 5


class StoreFailed(NotSetUp):
    """The database cannot be read or written: full, read-only, corrupt, or a newer taskq's."""


class StoreBusy(StoreFailed):
    """The database stayed locked by others for longer than we wait."""


class WrongMoment(TaskqError):
    """The task, or the worker, is not in a state in which this can be done."""

    exit_code = 6


class Duplicate(WrongMoment):
    """Another task with the same identity may already have paid for this."""

    def __init__(self, other: str) -> None:
        super().__init__(
            f"Task {other} may already have paid for this; look at it first: "
            f"taskq status {other} (to pay once more on purpose, add --again)"
        )
        self.other = other


class LeaseLost(TaskqError):
    """The task belongs to another attempt, or has ended; this one may not write any more."""

    def __init__(self, task_id: str, attempt: int) -> None:
        super().__init__(f"Attempt {attempt} of task {task_id} is over")
        self.task_id = task_id
        self.attempt = attempt


class CancelRequested(TaskqError):
    """Somebody asked for this task to be cancelled before its point of no return."""


class NotStarted(TaskqError):
    """The intent is recorded, but its own writer knows that it did not act on it."""


class TaskFailed(TaskqError):
    """The task cannot be done. Raised by a handler; the message is what the person reads."""


class LoggedOut(TaskFailed):
    """The site knows the task's login no more: what the browser has of it by now is not kept."""


class Declined(TaskFailed):
    """The other side's own, definite no to the payment: nothing was charged."""
