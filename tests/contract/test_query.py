"""A person's own query: the documented ones as they stand, and no word that writes."""

from __future__ import annotations

import json

import pytest

from taskq.errors import BadInput

LATEST = """
SELECT 
    id,
    type,
    current_status,
    result_data->'progress'->-1->>'message' as latest_progress,
    result_data->'progress'->-1->>'timestamp' as latest_timestamp
FROM tasks
WHERE id = 'your-task-id';
"""  # noqa: W291 - as it is documented
ALL = """
SELECT 
    id,
    type,
    jsonb_array_elements(result_data->'progress') as progress_update
FROM tasks
WHERE id = 'your-task-id';
"""  # noqa: W291 - as it is documented
COUNT = """
SELECT 
    id,
    type,
    current_status,
    jsonb_array_length(result_data->'progress') as progress_steps
FROM tasks
WHERE result_data->'progress' IS NOT NULL
ORDER BY created_at DESC;
"""  # noqa: W291 - as it is documented


@pytest.fixture
def task(store, a_claimed_task):
    task = a_claimed_task(id="your-task-id")
    store.step(task, "Opening product page: ünïcode")
    return store.get(task.id)


def test_the_documented_latest_progress_is_the_last_entry(store, a_new_task, task):
    store.submit(a_new_task())
    found = store.query(LATEST)
    last = task.progress[-1]

    assert found.columns[3:] == ("latest_progress", "latest_timestamp")
    assert list(found.rows) == [(task.id, task.type, "processing", last.message, last.timestamp)]


def test_the_documented_list_of_updates_is_one_row_an_entry(store, a_claimed_task, task):
    a_claimed_task()
    found = store.query(ALL)

    assert found.columns == ("id", "type", "progress_update")
    assert [row[:2] for row in found.rows] == [(task.id, task.type)] * 2
    assert [json.loads(row[2]) for row in found.rows] == task.result_data["progress"]


def test_the_documented_count_leaves_out_what_has_no_progress(store, a_new_task, task):
    store.submit(a_new_task())
    found = store.query(COUNT)

    assert found.columns[-1] == "progress_steps"
    assert list(found.rows) == [(task.id, task.type, "processing", 2)]


def test_the_view_has_a_row_an_entry(store, a_claimed_task, placed):
    task = a_claimed_task()
    store.step(task, "Opening product page")
    store.end(task, placed)
    shown = store.query("select * from task_progress order by step")
    expected = ["Task started by worker-1", "Opening product page", "Order placed successfully"]

    assert shown.columns == (
        "task_id",
        "type",
        "current_status",
        "step",
        "message",
        "timestamp",
        "seconds",
    )
    assert [tuple(row)[:5] for row in shown.rows] == [
        (task.id, "shopify_order", "completed", number, message)
        for number, message in enumerate(expected, 1)
    ]
    stamps = [entry.timestamp for entry in store.get(task.id).progress]
    assert [row[5] for row in shown.rows] == stamps


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("result_data->'progress'->0->>'message'", "Task started by worker-1"),
        ("result_data->'progress'->99->>'message'", None),
        ("result_data->'progress'->'message'", None),
        ("result_data->0", None),
        ("result_data->'nothing'->'at all'", None),
        ("result_data->'progress'->-2->>'message'", "Task started by worker-1"),
        ("jsonb_array_length(null)", None),
    ],
)
def test_arrows_point_where_they_do_on_postgres(store, task, expression, value):
    assert list(store.query(f"select {expression} from tasks").rows) == [(value,)]


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "-- nothing",
        "select * from nowhere",
        "select nothing from tasks",
        "select 1; select 2",
        "select ?",
        "select '{'->'a'",
        "select 1 \0",
        "select '\ud800'",
        "delete from tasks",
        "update tasks set type = 'x'",
        "insert into tasks (id, type) values ('a', 'b')",
        "drop table tasks",
        "create table mine (a int)",
        "begin",
        "commit; delete from tasks",
        "vacuum",
        "select jsonb_array_elements(result_data->'progress') from tasks; delete from tasks",
    ],
)
def test_what_is_wrong_or_would_write_is_refused_and_changes_nothing(store, task, statement):
    with pytest.raises(BadInput, match="cannot be answered"):
        store.query(statement)

    assert store.list() == [task]


def test_after_a_question_that_was_refused_everything_is_as_before(store, task, a_claimed_task):
    for statement in ("select nothing from tasks", "delete from tasks"):
        with pytest.raises(BadInput):
            store.query(statement)

    assert store.step(task, "and it goes on") is False
    assert list(store.query("select count(*) from tasks").rows) == [(1,)]
    a_claimed_task()
