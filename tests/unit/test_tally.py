from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from taskq.handlers.shopify import SHOPIFY
from taskq.models import Outcome, Status
from taskq.plan import filled
from taskq.tally import p95, tally
from tests.unit.test_timeline import DOCUMENTED, a_task


def bought(**changes):
    task = a_task(DOCUMENTED, Status.COMPLETED, outcome=Outcome.SUCCEEDED)
    return replace(task, **changes)


def failed(entries=DOCUMENTED[:4], outcome=Outcome.FAILED, **changes):
    closing = ("Checkout failed: no", entries[-1][1] + 1)
    return replace(a_task([*entries, closing], Status.FAILED, outcome=outcome), **changes)


def the(tasks):
    (found,) = tally(tasks)
    return found


def step(found, name):
    return next(each for each in found.steps if each.step == name)


def test_the_rate_is_of_ended_tasks_without_cancelled_ones_and_dry_runs():
    dry = bought(result_data={"progress": [], "dry_run": True})
    found = the(
        [
            *[bought()] * 2,
            failed(),
            failed(outcome=Outcome.UNKNOWN),
            failed(outcome=Outcome.CANCELLED),
            dry,
            a_task(DOCUMENTED[:3]),
        ]
    )

    assert (found.tasks, found.counted, found.rate) == (7, 4, 0.5)
    assert (found.open, found.cancelled, found.dry_runs, found.unknown) == (1, 1, 1, 1)


def test_of_none_there_is_no_rate():
    assert tally([]) == []
    assert the([a_task([])]).rate is None


def test_steps_have_the_seconds_of_the_document():
    found = the([bought()])

    assert round(step(found, "Adding product to cart").median, 6) == 5.111101
    assert step(found, "Order placed successfully").median is None


def test_tasks_fail_at_the_last_step_that_was_begun_in_the_last_attempt():
    twice = [*DOCUMENTED[:6], *[(words, at + 30) for words, at in DOCUMENTED[:2]]]
    found = the([failed(), failed(), failed(twice), failed(DOCUMENTED[:7], Outcome.UNKNOWN)])

    assert {each.step: each.failed for each in found.steps if each.failed} == {
        "Adding product to cart": 2,
        "Opening product page": 1,
        "Processing payment": 1,
    }


def test_a_word_that_differs_is_left_open_in_a_steps_name():
    large = filled(SHOPIFY.whole_plan, {"size": "Large"})
    entries = [(words.replace("Medium", "Large"), at) for words, at in DOCUMENTED]
    other = replace(a_task(entries, Status.COMPLETED, plan=large), outcome=Outcome.SUCCEEDED)

    for tasks in ([bought(), other], [bought(), other, bought()]):
        assert step(the(tasks), "Selecting size: …").timed == len(tasks)


def test_a_task_without_a_plan_fails_somewhere():
    found = the([failed(plan=None)])

    assert [(each.step, each.failed) for each in found.steps] == [("without a plan", 1)]


def test_types_are_told_apart_by_name():
    assert [found.type for found in tally([bought(), bought(type="archive")])] == [
        "archive",
        "shopify_order",
    ]


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_95_of_100_are_not_above_p95(values):
    found = p95(values)

    assert found in values
    assert sum(value <= found for value in values) >= 0.95 * len(values)
    assert sum(value < found for value in values) < 0.95 * len(values)
