"""What a task promises to do, in order, as data, before it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from taskq.clean import clean
from taskq.models import STARTED

_BRACES = re.compile(r"\\\{\w+\\\}")
_DEFAULT_WEIGHT = 3
"""How many runs the declared seconds of a step count for, beside the measured ones."""


@dataclass(frozen=True)
class Step:
    """One promised step: its message, the seconds it usually takes, whether it may run only once.

    The message may name params in braces: "Selecting size: {size}". The last step of a plan is
    its closing message, written together with the end; *otherwise* is what is written in its
    place when the task failed ("Checkout failed: {error}").
    """

    message: str
    usually: float = 1.0
    once: bool = False
    otherwise: str | None = None


Plan = tuple[Step, ...]

STARTED_STEP = Step(STARTED + "a worker", usually=1.111111)
"""The first step of every plan: the claim itself writes its entry, with the worker's name."""


def filled(plan: Plan, words: Mapping[str, Any]) -> Plan:
    """The plan with every step's message filled from *words*; the worker is not known yet."""
    known = _Known({name: value for name, value in words.items() if value is not None})
    return tuple(replace(step, message=clean(step.message.format_map(known))) for step in plan)


class _Known(dict[str, Any]):
    """Words for a template; one that is not known stays in its braces."""

    def __missing__(self, word: str) -> str:
        return f"{{{word}}}"


def to_row(plan: Plan) -> tuple[dict[str, Any], ...]:
    """The plan as the column `plan` holds it."""
    return tuple(
        {"step": s.message, "usually": s.usually, "once": s.once}
        | ({"otherwise": s.otherwise} if s.otherwise else {})
        for s in plan
    )


def from_row(row: Sequence[Mapping[str, Any]]) -> Plan:
    """The plan that the column `plan` holds."""
    return tuple(
        Step(s["step"], float(s["usually"]), bool(s.get("once")), s.get("otherwise")) for s in row
    )


def failure_message(row: Sequence[Mapping[str, Any]], error: str) -> str:
    """The closing entry of a task that failed with *error*, in its plan's own words."""
    words = (row[-1].get("otherwise") if row else None) or "Failed: {error}"
    return clean(words.replace("{error}", error))


def is_begun_by(step: Step, message: str) -> bool:
    """Whether an entry with this message begins *step*."""
    if step.message.startswith(STARTED):
        return message.startswith(STARTED)
    if "{" not in step.message:
        return step.message == message
    return bool(re.fullmatch(_BRACES.sub(".*", re.escape(step.message)), message))


def learned(plan: Plan, runs: Sequence[Sequence[float | None]]) -> list[float]:
    """The seconds each step usually takes: measured medians blended with what was declared.

    *runs* holds, per completed run, the seconds of each step of the plan (None: not reached).
    """
    from statistics import median  # not at the start of every command

    usual = []
    for index, step in enumerate(plan):
        measured = [run[index] for run in runs if index < len(run)]
        known = [seconds for seconds in measured if seconds is not None]
        total = _DEFAULT_WEIGHT * step.usually + (len(known) * median(known) if known else 0.0)
        usual.append(total / (len(known) + _DEFAULT_WEIGHT))
    return usual
