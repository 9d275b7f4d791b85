import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskq.handlers.shopify import SHOPIFY
from taskq.models import Progress, Status, Task
from taskq.plan import filled, learned, to_row
from taskq.timeline import Mark, seconds_of_steps, timeline

START = datetime(2025, 11, 23, 10, tzinfo=UTC)
PLAN = filled(SHOPIFY.whole_plan, {"size": "Medium"})
DOCUMENTED = [
    ("Task started by worker-1", 0.123456),
    ("Opening product page", 1.234567),
    ("Selecting size: Medium", 2.345678),
    ("Adding product to cart", 5.456789),
    ("Navigating to checkout", 10.567890),
    ("Filling shipping information", 15.678901),
    ("Processing payment", 20.789012),
    ("Order placed successfully", 25.890123),
]


def stamp(seconds):
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")


def a_task(entries, status=Status.PROCESSING, plan=PLAN, **changes):
    progress = [{"message": message, "timestamp": stamp(at)} for message, at in entries]
    ended = status in {Status.COMPLETED, Status.FAILED}
    task = Task(
        id="abc-123",
        type="shopify_order",
        current_status=status,
        result_data={"progress": progress},
        error_message="no" if status is Status.FAILED else None,
        created_at=START,
        started_at=START,
        completed_at=START + timedelta(seconds=entries[-1][1]) if ended and entries else None,
        plan=to_row(plan) if plan else None,
    )
    return replace(task, **changes)


def marks(task, now=None):
    return [line.mark for line in timeline(task, now).lines]


def test_the_documented_state_is_60_percent_with_and_without_a_clock():
    task = a_task(DOCUMENTED[:5])

    assert timeline(task).percent == 60
    assert timeline(task, START + timedelta(seconds=15.68)).percent == 60
    assert timeline(task, START + timedelta(days=300)).percent == 60


def test_the_milestones_of_the_document_are_these():
    reached = [timeline(a_task(DOCUMENTED[:n])).percent for n in range(1, 8)]

    assert reached == [4, 8, 20, 40, 60, 80, 99]


def test_the_current_step_runs_from_40_to_60_and_waits_there():
    task = a_task(DOCUMENTED[:5])
    at = [timeline(task, START + timedelta(seconds=10.57 + s)).percent for s in (0, 2.5, 4.4, 60)]

    assert at == [40, 50, 57, 60]


def test_rows_are_done_current_and_pending_as_the_document_marks_them():
    assert marks(a_task(DOCUMENTED[:5])) == [Mark.DONE] * 4 + [Mark.CURRENT] + [Mark.PENDING] * 3


def test_a_completed_task_is_100_percent_and_all_done():
    task = a_task(DOCUMENTED, Status.COMPLETED)

    assert timeline(task).percent == 100
    assert marks(task) == [Mark.DONE] * 8


def test_a_failed_task_keeps_its_percent_and_marks_the_step_it_died_in():
    task = a_task([*DOCUMENTED[:5], ("Checkout failed: sold out", 11)], Status.FAILED)

    assert timeline(task).percent == 42
    assert marks(task) == [Mark.DONE] * 4 + [Mark.FAILED] * 2 + [Mark.SKIPPED] * 3


def test_a_dry_run_marks_the_steps_it_did_not_reach_as_skipped():
    entries = [*DOCUMENTED[:6], ("Dry run: nothing was bought, total 152.40 USD", 16)]

    assert marks(a_task(entries, Status.COMPLETED)) == [Mark.DONE] * 7 + [Mark.SKIPPED] * 2


def test_a_waiting_task_is_0_percent_and_shows_its_whole_plan():
    task = a_task([], Status.PENDING)

    assert timeline(task).percent == 0
    assert marks(task) == [Mark.PENDING] * 8


def test_an_earlier_attempt_folds_into_one_row_and_the_percent_starts_anew():
    again = ("Task started by worker-2", 9)
    task = a_task([*DOCUMENTED[:3], ("Worker crashed: back in the queue", 8), again])
    drawn = timeline(task, START + timedelta(seconds=9))

    assert drawn.lines[0].message == "Attempt 1: Worker crashed: back in the queue"
    assert [line.mark for line in drawn.lines[:2]] == [Mark.SKIPPED, Mark.CURRENT]
    assert drawn.percent == 0


def test_messages_of_a_handlers_own_are_rows_and_move_no_percent():
    plain = a_task(DOCUMENTED[:4])
    with_own = a_task([*DOCUMENTED[:4], ("Waiting in the store's line", 6)])

    assert timeline(with_own).percent == timeline(plain).percent
    assert timeline(with_own).lines[4].mark is Mark.CURRENT


def test_without_a_plan_the_percent_is_not_known():
    assert timeline(a_task([("Task started by worker-1", 0)], plan=None)).percent is None


def test_a_count_is_a_percent_that_never_says_100_early():
    task = a_task([("Task started by worker-1", 0)], plan=None)
    counted = replace(task, result_data={**task.result_data, "count": {"done": 50, "total": 50}})

    assert timeline(counted).percent == 99


def test_a_plan_that_was_never_filled_still_knows_its_steps():
    task = a_task(DOCUMENTED[:5], plan=SHOPIFY.whole_plan)

    assert timeline(task).percent == 60
    assert len(timeline(task).lines) == 8


def test_time_left_is_what_remains_of_the_plan_and_hidden_once_a_step_is_slow():
    task = a_task(DOCUMENTED[:5])
    at = [timeline(task, START + timedelta(seconds=10.57 + s)).left for s in (0, 60)]

    assert round(at[0], 1) == 15.3
    assert at[1] is None


def test_a_slow_step_says_so():
    line = timeline(a_task(DOCUMENTED[:5]), START + timedelta(seconds=60)).lines[4]

    assert line.slow
    assert round(line.usually, 1) == 5.1


def test_seconds_of_steps_are_the_gaps_between_them():
    seconds = seconds_of_steps(a_task(DOCUMENTED, Status.COMPLETED))

    assert [round(s, 6) for s in seconds[:7]] == [step.usually for step in PLAN[:7]]
    assert seconds[7] is None


def test_what_is_learned_blends_the_median_with_what_was_declared():
    measured = [[1.0] * 7 + [None]] * 6

    assert learned(PLAN, []) == pytest.approx([step.usually for step in PLAN])
    assert round(learned(PLAN, measured)[3], 6) == round((3 * 5.111101 + 6 * 1.0) / 9, 6)


@given(
    st.lists(
        st.tuples(st.integers(1, 8), st.floats(-2, 30, allow_nan=False)), min_size=1, max_size=12
    ),
    st.lists(st.floats(0, 5), min_size=8, max_size=8),
)
def test_the_percent_never_goes_back_within_an_attempt_whatever_the_steps(jumps, weights):
    plan = tuple(replace(s, usually=w) for s, w in zip(PLAN, weights, strict=True))
    entries, now, last = [("Task started by worker-1", 0.0)], 0.0, 0
    for step, pause in jumps:
        now = max(now, now + pause)
        entries.append((PLAN[step].message if step < 8 else "a message of its own", now))
        for later in (0.0, 0.5, 10.0):
            moment = START + timedelta(seconds=now + min(later, max(0.0, pause)))
            percent = timeline(a_task(entries, plan=plan), moment).percent

            assert percent <= 99
        shown = timeline(a_task(entries, plan=plan), START + timedelta(seconds=now)).percent
        assert shown >= last
        last = shown


def test_a_progress_entry_knows_its_moment():
    entry = Progress("Opening product page", json.loads('"2025-11-23T10:00:01.234567"'))

    assert entry.at == START + timedelta(seconds=1.234567)
