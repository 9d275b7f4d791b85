"""What SQLite must be taught before it answers as Postgres does, and must not be told to do."""

from __future__ import annotations

import pytest

from taskq.errors import BadInput

FORMS = ("sqlite",)


@pytest.fixture
def task(store, a_claimed_task):
    return a_claimed_task()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("result_data->>'$.progress[0].message'", "Task started by worker-1"),
        ("null->'progress'", None),
        ("'{\"a\":[1,2.5,\"x\",true,null]}'->'a'->1", "2.5"),
        ("'{\"a\":[1,2.5,\"x\",true,null]}'->'a'->>-3", "x"),
        ("'[{\"a\":1}]'->>0", '{"a": 1}'),
        ("'[null]'->0", "null"),
        ("'[null]'->>0", None),
    ],
)
def test_arrows_point_where_postgres_has_them_point(store, task, expression, value):
    """In its own words for a path, and in text that Postgres would want told that it is JSON."""
    assert list(store.query(f"select {expression} from tasks").rows) == [(value,)]


@pytest.mark.parametrize(
    "statement",
    [
        "select",
        "pragma user_version = 99",
        "pragma query_only = off",
        "pragma journal_mode = delete",
        "begin immediate",
        "select load_extension('x')",
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
