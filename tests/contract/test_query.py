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


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("result_data->'progress'->0->>'message'", "Task started by worker-1"),
        ("result_data->>'$.progress[0].message'", "Task started by worker-1"),
        ("result_data->'progress'->99->>'message'", None),
        ("result_data->'progress'->'message'", None),
        ("result_data->0", None),
        ("result_data->'nothing'->'at all'", None),
        ("null->'progress'", None),
        ("'{\"a\":[1,2.5,\"x\",true,null]}'->'a'->1", "2.5"),
        ("'{\"a\":[1,2.5,\"x\",true,null]}'->'a'->>-3", "x"),
        ("'[{\"a\":1}]'->>0", '{"a": 1}'),
        ("'[null]'->0", "null"),
        ("'[null]'->>0", None),
        ("jsonb_array_length(null)", None),
    ],
)
def test_arrows_point_where_postgres_has_them_point(store, task, expression, value):
    assert list(store.query(f"select {expression} from tasks").rows) == [(value,)]


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "-- nothing",
        "select",
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
        "create table mine (a)",
        "pragma user_version = 99",
        "pragma query_only = off",
        "pragma journal_mode = delete",
        "begin immediate",
        "vacuum",
        "select load_extension('x')",
        "select jsonb_array_elements(result_data->'progress') from tasks; delete from tasks",
    ],
)
def test_what_is_wrong_or_would_write_is_refused_and_changes_nothing(store, task, statement):
    with pytest.raises(BadInput, match="cannot be answered"):
        store.query(statement)

    assert store.list() == [task]
    assert store.query("pragma user_version").rows[0][0] < 99


@pytest.mark.parametrize("statement", ["attach '{}' as other", "vacuum into '{}'"])
def test_no_other_file_is_made(store, task, tmp_path, statement):
    other = tmp_path / "other.db"
    with pytest.raises(BadInput):
        store.query(statement.format(other))

    assert not other.exists()
