"""The verbs of an attempt: each proves its right in the statement that writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskq.clean import clean
from taskq.errors import (
    CancelRequested,
    Duplicate,
    LeaseLost,
    WrongMoment,
)
from taskq.models import Ending, Status, Task
from taskq.process import boot_id, boot_ms, hostname
from taskq.stores.verbs.engine import Row, nothing
from taskq.stores.verbs.handing import Handing
from taskq.stores.verbs.text import dumped

_LATE = "The order was placed after all"
_SECOND = "Conflict: a second order was placed"


class Owning(Handing):
    """See `Store`, "for workers": what the attempt that owns a task writes, and `note`."""

    def step(self, task: Task, message: str, *, planned: bool = False) -> bool:
        """See `Store.step`."""
        return self._owned(task, self._engine.sql.STEP, message=message, planned=planned)

    def count(self, task: Task, done: int, total: int) -> bool:
        """See `Store.count`."""
        count = dumped({"count": {"done": done, "total": total}})
        return self._owned(task, self._engine.sql.COUNT, count=count)

    def note(self, task_id: str, message: str) -> None:
        """See `Store.note`."""
        written = self._engine.surely(
            lambda: self._engine.quickly(self._engine.sql.NOTE, id=task_id, message=message),
            lambda: [task_id] if _says_last(self.get(task_id), message) else None,
        )
        if not written:
            status = self.get(task_id).current_status
            raise WrongMoment(f"Task {task_id} takes no progress: it is {status}")

    def intent(self, task: Task, message: str, intent: Mapping[str, Any]) -> None:
        """See `Store.intent`."""
        when = {"boot_id": boot_id(), "boot_ms": boot_ms(), "host": hostname()}
        who = {"attempt": task.attempt, "worker": task.worker}
        stored = dumped({**intent, **when, **who})

        def write() -> bool:
            owner = {"id": task.id, "attempt": task.attempt}
            return bool(
                self._engine.durably(
                    self._engine.sql.INTENT, **owner, message=message, intent=stored
                )
            )

        def landed() -> bool | None:
            found = self.get(task.id).intent or {}
            return who.items() <= found.items() or None

        if not self._engine.surely(write, landed):
            raise self._refusal(task)

    def withdraw(self, task: Task, reason: str) -> Task:
        """See `Store.withdraw`."""
        message = f"Payment not started: {reason}"
        return self._changed(task, self._engine.sql.WITHDRAW, message=message)

    def end(self, task: Task, ending: Ending) -> Task:
        """See `Store.end`."""
        # A repeated identical end changes nothing, so it may be written as often as is needed.
        ended = self._engine.surely(lambda: self._end(task, ending), nothing)
        self._handed.pop(task.id, None)
        return ended

    def _end(self, task: Task, ending: Ending) -> Task:
        ended = self._engine.durably(
            self._engine.sql.END,
            id=task.id,
            attempt=task.attempt,
            status=ending.status,
            message=ending.message,
            error=ending.error,
            result=dumped(ending.result),
            evidence=ending.evidence,
            clears_intent=ending.clears_intent,
            late=_LATE,
        )
        if ended:
            return self._engine.task(ended[0])
        found = self.get(task.id)
        if _ended_so(found, ending):
            return found
        if ending.evidence is not None and found.current_status is Status.COMPLETED:
            return self._bought_again(found, ending, ending.evidence)
        raise LeaseLost(task.id, task.attempt)

    def _bought_again(self, found: Task, ending: Ending, attempt: int) -> Task:
        """Say in a completed task's progress that another attempt has bought it as well."""
        intent = found.intent or {}
        order = ending.result.get("order") or "its number is not known"
        message = f"{_SECOND}: {order}"
        known = intent.get("bought_by", intent.get("attempt"))
        if attempt == known or message in {entry.message for entry in found.progress}:
            return found
        (row,) = self._engine.durably(self._engine.sql.CONFLICT, id=found.id, message=message)
        return self._engine.task(row)

    def release(self, task: Task, reason: str, *, free: bool) -> Task:
        """See `Store.release`."""
        return self._changed(task, self._engine.sql.RELEASE, reason=reason, free=free)

    # What the verbs share

    def _owned(self, task: Task, statement: str, **values: Any) -> bool:
        """Write as this attempt; whether somebody asked for the task to stop."""
        attempt, before = self._handed.get(task.id, (task.attempt, -1))

        def landed() -> Sequence[Row] | None:
            found = self.get(task.id)
            said = [entry.message for entry in found.progress[before:]]
            is_mine = found.attempt == task.attempt and not found.ended
            is_said = clean(values.get("message", "")) in said
            row = {"cancel_requested": found.cancel_requested, "entries": len(found.progress)}
            return [row] if is_mine and is_said else None

        written = self._engine.surely(
            lambda: self._engine.quickly(statement, id=task.id, attempt=task.attempt, **values),
            landed,
        )
        if not written:
            raise LeaseLost(task.id, task.attempt)
        if attempt == task.attempt:
            self._handed[task.id] = (attempt, written[0]["entries"])
        return bool(written[0]["cancel_requested"])

    def _changed(self, task: Task, statement: str, **values: Any) -> Task:
        """Give the task up as this attempt, durably; the task as it is then."""

        def write() -> Task | None:
            written = self._engine.durably(statement, id=task.id, attempt=task.attempt, **values)
            return self._engine.task(written[0]) if written else None

        def landed() -> Task | None:
            found = self.get(task.id)
            is_given_up = found.attempt == task.attempt and found.worker is None
            return found if is_given_up and not found.intent else None

        changed = self._engine.surely(write, landed)
        self._handed.pop(task.id, None)
        if changed is None:
            raise LeaseLost(task.id, task.attempt)
        return changed

    def _refusal(self, task: Task) -> CancelRequested | Duplicate | LeaseLost:
        """Why an intent was not written."""
        found = self.get(task.id)
        mine = found.attempt == task.attempt and found.current_status is Status.PROCESSING
        if mine and found.cancel_requested:
            return CancelRequested(task.id)
        twin = self._engine.read(self._engine.sql.TWIN, id=found.id, identity=found.identity)
        return Duplicate(str(twin[0]["id"])) if mine and twin else LeaseLost(task.id, task.attempt)


def _says_last(task: Task, message: str | None) -> bool:
    last = task.progress[-1].message if task.progress else None
    return message is not None and last == clean(message)


def _ended_so(task: Task, ending: Ending) -> bool:
    """Whether *task* has already ended just like this."""
    last = task.progress[-1].message if task.progress else None
    error = clean(ending.error) if ending.error else None
    return (
        (task.current_status, task.error_message) == (ending.status, error)
        and (ending.message is None or clean(ending.message) == last)
        and all(task.result_data.get(key) == value for key, value in ending.result.items())
    )
