"""`taskq stats`: how well each type of task works, how long its steps take, where it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskq.cli import shared
from taskq.cli.shared import Db, Json, Since, TaskType

if TYPE_CHECKING:
    from taskq.tally import StepTally, TypeTally

_STEP_COLUMNS = ("step", "times", "median", "p95", "failed")
_COLUMNS = ("type", "tasks", "ended", "success", *_STEP_COLUMNS)


def stats(
    task_type: TaskType = None, since: Since = None, db: Db = None, as_json: Json = False
) -> None:
    """Tell of each type how many tasks succeed, how long its steps take, and where tasks fail.

    Dry runs and cancelled tasks count for none of it.

    Examples: taskq stats · taskq stats --type shopify --since 7d
    """
    from taskq import tasks
    from taskq.views import document

    after = shared.since(since)
    with shared.store(db) as store:
        wanted = tasks.type_named(store, task_type) if task_type else None
        found = tasks.tallied(store, wanted, after)
    if as_json:
        shared.say_json([document.tally(each) for each in found])
    elif shared.is_screen():
        _draw(found)
    else:
        rows = [(*_kind(each), *_step(step)) for each in found for step in each.steps]
        shared.say_rows(rows, _COLUMNS)
    if not found and not as_json:
        narrowed = task_type or since
        more = "See all: taskq stats" if narrowed else "Submit one: taskq submit --help"
        shared.hint(f"No tasks to tell of. {more}")


def _draw(found: list[TypeTally]) -> None:
    for number, each in enumerate(found):
        if number:
            shared.say()
        shared.say(_headline(each))
        shared.say_rows([_step(step) for step in each.steps], _STEP_COLUMNS)


def _headline(each: TypeTally) -> str:
    """`shopify_order: 12 tasks, 91% of 11 succeeded, 1 needs review`."""
    parts = [f"{each.tasks} task{'' if each.tasks == 1 else 's'}"]
    if each.rate is not None:
        parts.append(f"{_percent(each)} of {each.counted} succeeded")
    beside = {
        "not ended": each.open,
        "needs review" if each.unknown == 1 else "need review": each.unknown,
        "cancelled": each.cancelled,
        "dry runs": each.dry_runs,
    }
    parts += [f"{number} {words}" for words, number in beside.items() if number]
    return f"{each.type}: {', '.join(parts)}"


def _kind(each: TypeTally) -> tuple[str, ...]:
    return each.type, str(each.tasks), str(each.counted), _percent(each)


def _percent(each: TypeTally) -> str:
    return "" if each.rate is None else f"{100 * each.rate:.0f}%"


def _step(step: StepTally) -> tuple[str, ...]:
    seconds = ("" if value is None else f"{value:.1f} s" for value in (step.median, step.p95))
    return step.step, str(step.timed), *seconds, str(step.failed)
