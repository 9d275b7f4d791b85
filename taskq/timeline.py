"""Plan joined with progress: the rows a person looks at, their seconds, percent and time left.

Pure: every viewer computes the same numbers from the same row and the same moment.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise

from taskq.models import STARTED, Progress, Status, Task
from taskq.plan import Plan, from_row, is_begun_by


class Mark(StrEnum):
    """What became of a row."""

    DONE = "done"
    CURRENT = "current"
    PENDING = "pending"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Line:
    """One row; *seconds* is how long it took (so far), *usually* how long its step takes."""

    message: str
    mark: Mark
    timestamp: str | None = None
    seconds: float | None = None
    usually: float | None = None
    slow: bool = False


@dataclass(frozen=True)
class Timeline:
    """A task to look at.

    *percent* is null when the number of steps is not known; *until* is where it waits for the
    current step to end; *left* is seconds, null when nobody can say.
    """

    lines: tuple[Line, ...]
    percent: int | None
    until: int | None = None
    left: float | None = None
    elapsed: float | None = None


def timeline(task: Task, now: datetime | None = None) -> Timeline:
    """The timeline of *task* as of *now*; without a clock the current step counts as over."""
    plan = from_row(task.plan) if task.plan else ()
    entries = task.progress
    begins = _attempt_begins(task, entries)
    mine = entries[begins:]
    end = task.completed_at if task.ended else now
    reached = _reached(plan, mine)
    lines = (*_earlier(entries[:begins]), *_current(task, plan, mine, reached, end))
    position = _Position.of(plan, mine, reached, end)
    percent = _percent(task, plan, position)
    running = task.current_status is Status.PROCESSING and position is not None
    return Timeline(
        lines=lines,
        percent=percent,
        until=position.percent(position.weight) if running and position else percent,
        left=position.left if running and position and now else None,
        elapsed=_elapsed(task, now),
    )


def seconds_of_steps(task: Task) -> tuple[float | None, ...]:
    """How long each step of the plan took in the last attempt; None where it was not reached."""
    plan = from_row(task.plan) if task.plan else ()
    entries = task.progress
    mine = entries[_attempt_begins(task, entries) :]
    reached = _reached(plan, mine)
    begun = [index for index in range(len(plan)) if index in reached]
    taken: list[float | None] = [None] * len(plan)
    for this, following in pairwise(begun):
        taken[this] = _between(mine[reached[this]].at, mine[reached[following]].at)
    return tuple(taken)


@dataclass(frozen=True)
class _Position:
    """Where in its plan an attempt stands: seconds before the current step, in it, in all."""

    before: float
    within: float | None
    weight: float
    total: float

    @classmethod
    def of(
        cls,
        plan: Plan,
        mine: Sequence[Progress],
        reached: dict[int, int],
        end: datetime | None,
    ) -> _Position | None:
        if not reached:
            return None
        step = max(reached)
        weights = [s.usually for s in plan]
        within = _between(mine[reached[step]].at, end) if end else None
        return cls(sum(weights[:step]), within, weights[step], sum(weights))

    def percent(self, within: float | None) -> int:
        """Floor of the share done, at most 99: only the end itself is 100."""
        inside = self.weight if within is None else min(max(within, 0.0), self.weight)
        if self.total <= 0:
            return 0
        return min(99, math.floor(100 * (self.before + inside) / self.total + 1e-9))

    @property
    def left(self) -> float | None:
        """Seconds that usually remain; nobody can say once a step is slow."""
        if self.within is None or _is_slow(self.within, self.weight):
            return None
        return self.total - self.before - self.weight + max(0.0, self.weight - self.within)


def _percent(task: Task, plan: Plan, position: _Position | None) -> int | None:
    if task.current_status is Status.COMPLETED:
        return 100
    count = task.result_data.get("count")
    if count and count["total"] > 0 and task.current_status is not Status.PENDING:
        done, total = float(count["done"]), float(count["total"])
        return max(0, min(99, math.floor(100 * done / total)))
    if not plan:
        return None
    return position.percent(position.within) if position else 0


def _attempt_begins(task: Task, entries: Sequence[Progress]) -> int:
    """Where the entries of the last attempt begin; a waiting task has none."""
    if task.current_status is Status.PENDING:
        return len(entries)
    starts = [i for i, entry in enumerate(entries) if entry.message.startswith(STARTED)]
    return starts[-1] if starts else 0


def _reached(plan: Plan, mine: Sequence[Progress]) -> dict[int, int]:
    """Which steps of the plan were begun, each with the number of its entry."""
    reached: dict[int, int] = {}
    following = 0
    for number, entry in enumerate(mine):
        for index in range(following, len(plan)):
            if is_begun_by(plan[index], entry.message):
                reached[index] = number
                following = index + 1
                break
    return reached


def _earlier(entries: Sequence[Progress]) -> list[Line]:
    """One row for each earlier attempt: what it came to."""
    starts = [i for i, entry in enumerate(entries) if entry.message.startswith(STARTED)]
    spans = pairwise([*starts, len(entries)])
    return [
        Line(f"Attempt {n}: {entries[end - 1].message}", Mark.SKIPPED, entries[start].timestamp)
        for n, (start, end) in enumerate(spans, 1)
    ]


def _current(
    task: Task,
    plan: Plan,
    mine: Sequence[Progress],
    reached: dict[int, int],
    end: datetime | None,
) -> list[Line]:
    """The rows of the last attempt: every entry, and every step without one in its place."""
    step_of = {number: index for index, number in reached.items()}
    lines: list[Line] = []
    following = 0
    for number, entry in enumerate(mine):
        index = step_of.get(number)
        if index is not None:
            lines += [Line(s.message, Mark.SKIPPED) for s in plan[following:index]]
            following = index + 1
        over = mine[number + 1].at if number + 1 < len(mine) else end
        seconds = _between(entry.at, over) if over else None
        usually = plan[index].usually if index is not None else None
        mark = _mark(task, number, len(mine), failed_step=number == max(step_of, default=-1))
        slow = mark is Mark.CURRENT and _is_slow(seconds, usually)
        lines.append(Line(entry.message, mark, entry.timestamp, seconds, usually, slow))
    rest = Mark.SKIPPED if task.ended else Mark.PENDING
    return lines + [Line(s.message, rest, usually=s.usually) for s in plan[following:]]


def _mark(task: Task, number: int, entries: int, *, failed_step: bool) -> Mark:
    last = number == entries - 1
    if task.current_status is Status.FAILED and (last or failed_step):
        return Mark.FAILED
    if task.current_status is Status.PROCESSING and last:
        return Mark.CURRENT
    return Mark.DONE


def _is_slow(seconds: float | None, usually: float | None) -> bool:
    """Whether a step takes clearly longer than it usually does."""
    return seconds is not None and usually is not None and seconds > 1.5 * usually + 2


def _elapsed(task: Task, now: datetime | None) -> float | None:
    over = task.completed_at or now
    return _between(task.started_at, over) if task.started_at and over else None


def _between(earlier: datetime, later: datetime) -> float:
    return max(0.0, (later - earlier.astimezone(UTC)).total_seconds())
