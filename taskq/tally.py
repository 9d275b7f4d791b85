"""What many tasks of a type come to: how many succeed, how long steps take, where tasks fail.

Pure: tasks in, numbers out. A dry run buys nothing and a cancelled task was stopped by a person:
neither says how well a type works, so neither counts for its rate, its seconds or its failures.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from statistics import median

from taskq.models import STARTED, Outcome, Task
from taskq.plan import STARTED_STEP, from_row, is_begun_by
from taskq.timeline import seconds_of_steps

ANYWHERE = "without a plan"
"""Where a task failed whose steps are not known."""


@dataclass(frozen=True)
class StepTally:
    """One step: how often it was *timed*, its *median* and *p95* seconds, how many *failed* in it.

    A word that differs from task to task is "…" in its name.
    """

    step: str
    timed: int
    median: float | None
    p95: float | None
    failed: int


@dataclass(frozen=True)
class TypeTally:
    """One type: how many *tasks*, of them by outcome (*open* ones have none), and its steps."""

    type: str
    tasks: int
    open: int
    succeeded: int
    failed: int
    unknown: int
    cancelled: int
    dry_runs: int
    steps: tuple[StepTally, ...]

    @property
    def counted(self) -> int:
        """How many the rate is of."""
        return self.succeeded + self.failed + self.unknown

    @property
    def rate(self) -> float | None:
        """The share that succeeded, from 0 to 1; None of none."""
        return self.succeeded / self.counted if self.counted else None


def tally(tasks: Iterable[Task]) -> list[TypeTally]:
    """The tally of each type, by name; *tasks* may be any number, and is read once."""
    books: defaultdict[str, _Book] = defaultdict(_Book)
    for task in tasks:
        books[task.type].enter(task)
    return [books[name].closed(name) for name in sorted(books)]


def p95(values: Sequence[float]) -> float:
    """The smallest of *values* that 95 of 100 are not above."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


@dataclass
class _Book:
    """What is known of one type so far; a step is known by its number in the plan."""

    words: Counter[str] = field(default_factory=Counter)
    names: dict[int, str] = field(default_factory=dict)
    seconds: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[int] = field(default_factory=Counter)

    def enter(self, task: Task) -> None:
        word = _word(task)
        self.words[word] += 1
        if word not in {Outcome.SUCCEEDED, Outcome.FAILED, Outcome.UNKNOWN}:
            return
        for number, step in enumerate(from_row(task.plan or ())):
            self._name(number, step.message)
        for number, seconds in enumerate(seconds_of_steps(task)):
            if seconds is not None:
                self.seconds[number].append(seconds)
        if word != Outcome.SUCCEEDED:
            self.failures[_last_step(task)] += 1

    def _name(self, number: int, message: str) -> None:
        known = self.names.get(number, message)
        if known != message:
            pairs = zip(known.split(), message.split(), strict=False)
            alike = [mine for mine, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
            known = " ".join([*alike, "…"])
        self.names[number] = known

    def closed(self, name: str) -> TypeTally:
        words = self.words
        return TypeTally(
            type=name,
            tasks=words.total(),
            open=words[_OPEN],
            succeeded=words[Outcome.SUCCEEDED],
            failed=words[Outcome.FAILED],
            unknown=words[Outcome.UNKNOWN],
            cancelled=words[Outcome.CANCELLED],
            dry_runs=words[_DRY],
            steps=tuple(self._step(n) for n in sorted({*self.names, *self.failures})),
        )

    def _step(self, number: int) -> StepTally:
        seconds = self.seconds[number]
        return StepTally(
            step=self.names.get(number, ANYWHERE),
            timed=len(seconds),
            median=median(seconds) if seconds else None,
            p95=p95(seconds) if seconds else None,
            failed=self.failures[number],
        )


_OPEN, _DRY, _NOWHERE = "open", "dry run", -1


def _word(task: Task) -> str:
    if task.outcome is None:
        return _OPEN
    return _DRY if task.result_data.get("dry_run") else task.outcome


def _last_step(task: Task) -> int:
    """The number of the last step that was begun in the last attempt."""
    plan = from_row(task.plan or ())
    last = _NOWHERE
    for entry in task.progress:
        if entry.message.startswith(STARTED):
            last = 0 if plan and is_begun_by(plan[0], STARTED_STEP.message) else _NOWHERE
        for number in range(last + 1, len(plan)):
            if is_begun_by(plan[number], entry.message):
                last = number
                break
    return last
