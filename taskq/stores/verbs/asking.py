"""The verbs of those who submit, and change their mind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from taskq.clean import clean
from taskq.errors import (
    BadInput,
    Duplicate,
    KeyTaken,
    RowRefused,
    WrongMoment,
)
from taskq.models import NewTask, Outcome, Resolution, Status, Task
from taskq.stores.verbs.engine import nothing
from taskq.stores.verbs.text import alike, dumped
from taskq.stores.verbs.watching import Watching


class Asking(Watching):
    """See `Store`, "for those who submit and ask"."""

    def submit(self, new: NewTask) -> tuple[Task, bool]:
        """See `Store.submit`."""

        def landed() -> tuple[Task, bool] | None:
            found = self._engine.read(self._engine.sql.GET, id=new.id)
            return (self._engine.task(found[0]), True) if found else None

        return self._engine.surely(lambda: self._submit(new), landed)

    def submit_all(self, news: Sequence[NewTask]) -> Sequence[tuple[Task, bool]]:
        """See `Store.submit_all`."""

        def write() -> Sequence[tuple[Task, bool]]:
            submitted = []
            with self._engine.transaction():
                for number, new in enumerate(news, 1):
                    try:
                        submitted.append(self._submit(new))
                    except (BadInput, WrongMoment) as error:
                        raise RowRefused(number, error) from error
            return submitted

        def landed() -> Sequence[tuple[Task, bool]] | None:
            there = {new.id: self._there(new.id) for new in news}
            if not any(there.values()):
                return None
            return [(there[n.id] or self._already(n), there[n.id] is not None) for n in news]

        return self._engine.surely(write, landed)

    def cancel(self, task_id: str) -> Task:
        """See `Store.cancel`."""
        changed = self._change(
            self._engine.sql.CANCEL, lambda task: task.cancel_requested, id=task_id
        )
        if changed:
            return changed
        task = self.get(task_id)
        reason = _ended(task) if task.ended else "payment in progress"
        raise WrongMoment(f"Task {task_id} cannot be cancelled: {reason}")

    def retry(self, task_id: str, attempts: int) -> Task:
        """See `Store.retry`."""
        changed = self._change(
            self._engine.sql.RETRY, lambda task: not task.ended, id=task_id, attempts=attempts
        )
        if changed:
            return changed
        task = self.get(task_id)
        if task.outcome is Outcome.UNKNOWN:
            raise WrongMoment(
                f"Task {task_id} needs review: it may have paid. Find out, then: "
                f"taskq resolve {task_id} --done (or: --not-done --retry)"
            )
        reason = _ended(task) if task.ended else f"it is {task.current_status}"
        raise WrongMoment(f"Task {task_id} cannot be retried: {reason}")

    def resolve(self, task_id: str, resolution: Resolution, attempts: int) -> Task:
        """See `Store.resolve`."""
        status = Status.COMPLETED if resolution.done else Status.FAILED
        messages = [clean(message) for message in resolution.messages]
        changed = self._change(
            self._engine.sql.RESOLVE,
            lambda task: (
                task.outcome is not Outcome.UNKNOWN
                and set(messages) <= {entry.message for entry in task.progress}
            ),
            id=task_id,
            status=Status.PENDING if resolution.retry else status,
            done=resolution.done,
            error=None if resolution.retry else resolution.error,
            attempts=attempts,
            messages=dumped(messages),
            result=dumped(resolution.result),
        )
        if changed:
            return changed
        task = self.get(task_id)
        reason = _ended(task) if task.ended else f"it is {task.current_status}"
        raise WrongMoment(f"Task {task_id} needs no review: {reason}")

    def prune(
        self, ids: Collection[str], before: datetime, forget: Callable[[str], None]
    ) -> Sequence[str]:
        """See `Store.prune`."""
        sql, named = self._engine.sql, dumped(list(ids))
        forgotten: dict[str, None] = {}

        def write() -> None:
            with self._engine.transaction():
                pruned = self._engine.durably(
                    sql.PRUNE, before=self._engine.moment(before), ids=named
                )
                for row in pruned:
                    forget(row["id"])
                    forgotten[row["id"]] = None

        self._engine.surely(write, nothing)
        return [task_id for task_id in forgotten if not self._there(task_id)]

    def _submit(self, new: NewTask) -> tuple[Task, bool]:
        inserted = self._engine.durably(
            self._engine.sql.SUBMIT,
            id=new.id,
            type=new.type,
            params=dumped(new.params),
            plan=dumped(new.plan) if new.plan else None,
            key=new.key,
            identity=new.identity,
            again=new.again,
            lane=new.lane,
            account=new.account,
            max_attempts=new.max_attempts,
        )
        return (self._engine.task(inserted[0]), True) if inserted else (self._already(new), False)

    def _already(self, new: NewTask) -> Task:
        """Why a submit inserted nothing: its key is known, or it has a twin."""
        if new.key and (found := self._engine.read(self._engine.sql.BY_KEY, key=new.key)):
            task = self._engine.task(found[0])
            is_same = (task.type, task.account) == (new.type, new.account)
            if is_same and alike(task.params, new.params):
                return task
            raise KeyTaken(new.key, task.id)
        if twin := self._twin(new.id, new.identity):
            raise Duplicate(twin)
        raise WrongMoment(f"There is a task {new.id} already: taskq status {new.id}")

    def _change(
        self, statement: str, is_done: Callable[[Task], bool], **values: object
    ) -> Task | None:
        """Change a task as a person asked for; None where it is in no state for it."""
        task_id = str(values["id"])

        def write() -> Task | None:
            changed = self._engine.durably(statement, **values)
            return self._engine.task(changed[0]) if changed else None

        def landed() -> Task | None:
            task = self._there(task_id)
            return task if task and is_done(task) else None

        return self._engine.surely(write, landed)

    def _there(self, task_id: str) -> Task | None:
        found = self._engine.read(self._engine.sql.GET, id=task_id)
        return self._engine.task(found[0]) if found else None

    def _twin(self, task_id: str, identity: str | None) -> str | None:
        found = self._engine.read(self._engine.sql.TWIN, id=task_id, identity=identity)
        return str(found[0]["id"]) if found else None


def _ended(task: Task) -> str:
    return f"it has already ended ({task.outcome})"
