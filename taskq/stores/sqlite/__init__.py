"""Tasks in one SQLite file, shared by any number of processes of one machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from taskq.clean import clean
from taskq.errors import (
    BadInput,
    CancelRequested,
    Duplicate,
    KeyTaken,
    LeaseLost,
    RowRefused,
    TaskNotFound,
    WrongMoment,
)
from taskq.ids import token
from taskq.models import (
    STARTED,
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
from taskq.process import Process, boot_id, boot_ms, hostname
from taskq.stores.sqlite import rows, schema
from taskq.stores.sqlite import statements as sql
from taskq.stores.sqlite.connection import Connections, Row
from taskq.stores.sqlite.hints import SqliteHints

_SAID = ("message", "reason", "error")
"""The values that are text from outside, made harmless on their way in."""

_LATE = "The order was placed after all"
_SECOND = "Conflict: a second order was placed"


class SqliteStore:
    """The store of one file. Its clock for leases is the machine's time since boot."""

    def __init__(self, path: Path, *, lease_seconds: float = 60, patience: float = 10) -> None:
        self._lease_ms = int(lease_seconds * 1000)
        self._connections = Connections(path, patience)

    # For those who submit and ask

    def submit(self, new: NewTask) -> tuple[Task, bool]:
        """See `Store.submit`."""
        inserted = self._durably(
            sql.SUBMIT,
            id=new.id,
            type=new.type,
            params=rows.dumped(new.params),
            plan=rows.dumped(new.plan) if new.plan else None,
            key=new.key,
            identity=new.identity,
            again=new.again,
            lane=new.lane,
            account=new.account,
            max_attempts=new.max_attempts,
        )
        return (self._task(inserted[0]), True) if inserted else (self._already(new), False)

    def submit_all(self, news: Sequence[NewTask]) -> Sequence[tuple[Task, bool]]:
        """See `Store.submit_all`."""
        submitted = []
        with self._connections.transaction(self._connections.durable()):
            for number, new in enumerate(news, 1):
                try:
                    submitted.append(self.submit(new))
                except (BadInput, WrongMoment) as error:
                    raise RowRefused(number, error) from error
        return submitted

    def cancel(self, task_id: str) -> Task:
        """See `Store.cancel`."""
        if changed := self._durably(sql.CANCEL, id=task_id):
            return self._task(changed[0])
        task = self.get(task_id)
        reason = _ended(task) if task.ended else "payment in progress"
        raise WrongMoment(f"Task {task_id} cannot be cancelled: {reason}")

    def retry(self, task_id: str, attempts: int) -> Task:
        """See `Store.retry`."""
        if changed := self._durably(sql.RETRY, id=task_id, attempts=attempts):
            return self._task(changed[0])
        task = self.get(task_id)
        if task.outcome is Outcome.UNKNOWN:
            raise WrongMoment(
                f"Task {task_id} needs review: it may have bought something. Find out, then: "
                f"taskq resolve {task_id} --done (or: --not-done --retry)"
            )
        reason = _ended(task) if task.ended else f"it is {task.current_status}"
        raise WrongMoment(f"Task {task_id} cannot be retried: {reason}")

    def resolve(self, task_id: str, resolution: Resolution, attempts: int) -> Task:
        """See `Store.resolve`."""
        status = Status.COMPLETED if resolution.done else Status.FAILED
        changed = self._durably(
            sql.RESOLVE,
            id=task_id,
            status=Status.PENDING if resolution.retry else status,
            done=resolution.done,
            error=None if resolution.retry else resolution.error,
            attempts=attempts,
            messages=rows.dumped([clean(message) for message in resolution.messages]),
            result=rows.dumped(resolution.result),
        )
        if not changed:
            task = self.get(task_id)
            reason = _ended(task) if task.ended else f"it is {task.current_status}"
            raise WrongMoment(f"Task {task_id} needs no review: {reason}")
        return self._task(changed[0])

    def prune(
        self, ids: Collection[str], before: datetime, forget: Callable[[str], None]
    ) -> Sequence[str]:
        """See `Store.prune`."""
        durable = self._connections.durable()
        with self._connections.transaction(durable):
            named = rows.dumped(list(ids))
            pruned = self._durably(sql.PRUNE, before=rows.stamp(before), ids=named)
            for row in pruned:
                forget(row["id"])
        return [row["id"] for row in pruned]

    # For workers

    def enlist(
        self, process: Process, number: int | None, slots: int, types: Sequence[str]
    ) -> Worker:
        """See `Store.enlist`."""
        durable = self._connections.durable()
        self._connections.check_sound()
        with self._connections.transaction(durable):
            living = {worker.name: worker for worker in self.workers() if worker.alive}
            free = next(n for n in range(1, len(living) + 2) if f"worker-{n}" not in living)
            name = f"worker-{number or free}"
            if name in living:
                raise WrongMoment(
                    f"{name} is already running (pid {living[name].process.pid}): "
                    f"taskq work --id {free}"
                )
            (row,) = self._durably(
                sql.ENLIST,
                id=f"{name}.{token(6)}",
                name=name,
                slots=slots,
                types=rows.dumped(types),
                **rows.process_columns(process),
            )
        return self._worker(row)

    def leave(self, worker_id: str) -> None:
        """See `Store.leave`."""
        durable = self._connections.durable()
        with self._connections.transaction(durable):
            self._durably(sql.LEAVE, worker=worker_id)
            self._durably(sql.VOID, worker=worker_id)

    def workers(self) -> Sequence[Worker]:
        """See `Store.workers`."""
        return [self._worker(row) for row in self._quickly(sql.WORKERS)]

    def claim(
        self,
        worker: Worker,
        usual: Mapping[str, Sequence[float]],
        *,
        per_lane: int = 1,
        only: str | None = None,
    ) -> Task | None:
        """See `Store.claim`."""
        claimed = self._quickly(
            sql.CLAIM,
            worker=worker.id,
            message=STARTED + worker.name,
            usual=rows.dumped(usual),
            per_lane=per_lane,
            only=only,
            schema=schema.VERSION,
        )
        if claimed:
            return self._task(claimed[0])
        self._connections.check_version()
        return None

    def step(self, task: Task, message: str, *, planned: bool = False) -> bool:
        """See `Store.step`."""
        return self._owned(task, sql.STEP, message=message, planned=planned)

    def count(self, task: Task, done: int, total: int) -> bool:
        """See `Store.count`."""
        count = rows.dumped({"count": {"done": done, "total": total}})
        return self._owned(task, sql.COUNT, count=count)

    def note(self, task_id: str, message: str) -> None:
        """See `Store.note`."""
        if not self._quickly(sql.NOTE, id=task_id, message=message):
            status = self.get(task_id).current_status
            raise WrongMoment(f"Task {task_id} takes no progress: it is {status}")

    def intent(self, task: Task, message: str, intent: Mapping[str, Any]) -> None:
        """See `Store.intent`."""
        when = {"at": rows.now(), "boot_id": boot_id(), "boot_ms": boot_ms(), "host": hostname()}
        stored = rows.dumped({**intent, **when, "attempt": task.attempt, "worker": task.worker})
        owner = {"id": task.id, "attempt": task.attempt}
        if self._durably(sql.INTENT, **owner, message=message, intent=stored):
            return
        found = self.get(task.id)
        mine = found.attempt == task.attempt and found.current_status is Status.PROCESSING
        if mine and found.cancel_requested:
            raise CancelRequested(task.id)
        if mine and (twin := self._twin(found.id, found.identity)):
            raise Duplicate(twin)
        raise LeaseLost(task.id, task.attempt)

    def withdraw(self, task: Task, reason: str) -> Task:
        """See `Store.withdraw`."""
        message = f"Payment not started: {reason}"
        return self._changed(task, sql.WITHDRAW, message=message)

    def beat(self, worker: Worker, tasks: Collection[Task]) -> Beat:
        """See `Store.beat`."""
        pairs = rows.dumped([(task.id, task.attempt) for task in tasks])
        quick = self._connections.quick()
        with self._connections.transaction(quick):
            renewed = self._quickly(sql.BEAT, worker=worker.id, tasks=pairs) if tasks else []
            self._quickly(sql.SEEN, worker=worker.id)
        return Beat(
            lost=frozenset(task.id for task in tasks) - {row["id"] for row in renewed},
            cancelled=frozenset(row["id"] for row in renewed if row["cancel_requested"]),
        )

    def end(self, task: Task, ending: Ending) -> Task:
        """See `Store.end`."""
        ended = self._durably(
            sql.END,
            id=task.id,
            attempt=task.attempt,
            status=ending.status,
            message=ending.message,
            error=ending.error,
            result=rows.dumped(ending.result),
            evidence=ending.evidence,
            clears_intent=ending.clears_intent,
            late=_LATE,
        )
        if ended:
            return self._task(ended[0])
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
        (row,) = self._durably(sql.CONFLICT, id=found.id, message=message)
        return self._task(row)

    def release(self, task: Task, reason: str, *, free: bool) -> Task:
        """See `Store.release`."""
        return self._changed(task, sql.RELEASE, reason=reason, free=free)

    def reap(self) -> Sequence[Task]:
        """See `Store.reap`."""
        lost = self._durably(
            sql.RELEASE, id=None, attempt=None, reason="Worker crashed", free=False
        )
        return [self._task(row) for row in lost]

    def take(
        self,
        worker: Worker,
        types: Collection[str],
        *,
        window: float = 600,
        only: str | None = None,
    ) -> Task | None:
        """See `Store.take`."""
        taken = self._durably(
            sql.TAKE,
            worker=worker.id,
            types=rows.dumped(sorted(types)),
            host=worker.process.host,
            only=only,
            window_ms=int(window * 1000),
        )
        return self._task(taken[0]) if taken else None

    # For those who watch

    def get(self, task_id: str) -> Task:
        """See `Store.get`."""
        if found := self._quickly(sql.GET, id=task_id):
            return self._task(found[0])
        raise TaskNotFound(task_id)

    def find(self, prefix: str, limit: int = 10) -> Sequence[Task]:
        """See `Store.find`."""
        return [self._task(row) for row in self._quickly(sql.FIND, prefix=prefix, limit=limit)]

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
        """See `Store.list`."""
        found = self._quickly(
            sql.LIST,
            status=status,
            outcome=outcome,
            type=task_type,
            identity=identity,
            since=rows.stamp(since) if since else None,
            text=text,
            after=after,
            limit=limit,
        )
        return [self._task(row) for row in found]

    def every(
        self, *, task_type: str | None = None, since: datetime | None = None
    ) -> Iterator[Task]:
        """See `Store.every`."""
        values = {"type": task_type, "since": rows.stamp(since) if since else None}
        for row in self._connections.each(sql.EVERY, values):
            yield self._task(row)

    def holder(self, account: str) -> Task | None:
        """See `Store.holder`."""
        found = self._quickly(sql.HOLDER, account=account)
        return self._task(found[0]) if found else None

    def prunable(self, before: datetime) -> Sequence[str]:
        """See `Store.prunable`."""
        return [row["id"] for row in self._quickly(sql.PRUNABLE, before=rows.stamp(before))]

    def counts(self) -> dict[str, int]:
        """See `Store.counts`."""
        return {row["word"]: row["n"] for row in self._quickly(sql.COUNTS)}

    def query(self, statement: str) -> Answer:
        """See `Store.query`."""
        from taskq.stores.sqlite import query

        return query.answer(self._connections, statement)

    def progress_since(self, seen: Mapping[str, int]) -> Sequence[Task]:
        """See `Store.progress_since`."""
        found = []
        for row in self._quickly(sql.PROGRESS_SINCE, seen=rows.dumped(seen)):
            task = self._task(row)
            entries = json.loads(row["entries"])
            found.append(replace(task, result_data={**task.result_data, "progress": entries}))
        return found

    def history(self, task_type: str, limit: int = 20) -> Sequence[Task]:
        """See `Store.history`."""
        return [self._task(row) for row in self._quickly(sql.HISTORY, type=task_type, limit=limit)]

    def examine(self) -> Mapping[str, str]:
        """See `Store.examine`."""
        self._connections.check_sound()
        with self._connections.transaction(self._connections.durable()):
            self._connections.check_version()  # and the write lock could be had
        mode = self._quickly("pragma journal_mode")[0][0]
        return {"journal": str(mode), "schema": str(schema.VERSION), "checked": "sound"}

    def hints(self) -> SqliteHints:
        """See `Store.hints`."""
        return SqliteHints(self._connections)

    def close(self) -> None:
        """See `Store.close`."""
        self._connections.close()

    # What the verbs share

    def _quickly(self, statement: str, **values: Any) -> Sequence[Row]:
        return self._run(self._connections.quick(), statement, values)

    def _durably(self, statement: str, **values: Any) -> Sequence[Row]:
        return self._run(self._connections.durable(), statement, values)

    def _run(self, connection: Any, statement: str, values: dict[str, Any]) -> Sequence[Row]:
        moment = boot_ms()
        times = {
            "now": rows.now(),
            "this_boot": boot_id(),
            "boot_ms": moment,
            "lease": moment + self._lease_ms,
        }
        said = {name: clean(values[name]) for name in _SAID if values.get(name) is not None}
        return self._connections.run(connection, statement, **{**values, **times, **said})

    def _owned(self, task: Task, statement: str, **values: Any) -> bool:
        """Write as this attempt; whether somebody asked for the task to stop."""
        written = self._quickly(statement, id=task.id, attempt=task.attempt, **values)
        if not written:
            raise LeaseLost(task.id, task.attempt)
        return bool(written[0]["cancel_requested"])

    def _changed(self, task: Task, statement: str, **values: Any) -> Task:
        """Write durably as this attempt; the task as it is then."""
        written = self._durably(statement, id=task.id, attempt=task.attempt, **values)
        if not written:
            raise LeaseLost(task.id, task.attempt)
        return self._task(written[0])

    def _already(self, new: NewTask) -> Task:
        """Why a submit inserted nothing: its key is known, or it has a twin."""
        # On the connection that submits: several submits at once are seen by no other.
        if new.key and (found := self._durably(sql.BY_KEY, key=new.key)):
            task = self._task(found[0])
            asked = (new.type, new.account, rows.dumped(new.params))
            if (task.type, task.account, rows.dumped(task.params)) == asked:
                return task
            raise KeyTaken(new.key, task.id)
        if twin := self._twin(new.id, new.identity):
            raise Duplicate(twin)
        raise WrongMoment(f"There is a task {new.id} already: taskq status {new.id}")

    def _task(self, row: Row) -> Task:
        """The task in *row*; a row that holds none is damage, and said to be."""
        with self._connections.reading():
            return rows.task(row)

    def _worker(self, row: Row) -> Worker:
        with self._connections.reading():
            return rows.worker(row)

    def _twin(self, task_id: str, identity: str | None) -> str | None:
        found = self._durably(sql.TWIN, id=task_id, identity=identity)
        return found[0]["id"] if found else None


def _ended(task: Task) -> str:
    return f"it has already ended ({task.outcome})"


def _ended_so(task: Task, ending: Ending) -> bool:
    """Whether *task* has already ended just like this."""
    last = task.progress[-1].message if task.progress else None
    error = clean(ending.error) if ending.error else None
    return (
        (task.current_status, task.error_message) == (ending.status, error)
        and (ending.message is None or clean(ending.message) == last)
        and all(task.result_data.get(key) == value for key, value in ending.result.items())
    )
