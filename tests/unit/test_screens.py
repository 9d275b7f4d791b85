import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[1] / "golden"
MESSAGES = [
    ("Task started by worker-1", "2025-11-23T10:00:00.123456"),
    ("Opening product page", "2025-11-23T10:00:01.234567"),
    ("Selecting size: Medium", "2025-11-23T10:00:02.345678"),
    ("Adding product to cart", "2025-11-23T10:00:05.456789"),
    ("Navigating to checkout", "2025-11-23T10:00:10.567890"),
    ("Filling shipping information", "2025-11-23T10:00:15.678901"),
    ("Processing payment", "2025-11-23T10:00:20.789012"),
    ("Order placed successfully", "2025-11-23T10:00:25.890123"),
]


@pytest.fixture
def documented(taskq, home):
    """The document's record, written by plain SQL as any other program might."""
    taskq("list")

    def write(entries, status="processing", completed=None, error=None):
        progress = [{"message": m, "timestamp": t} for m, t in MESSAGES[:entries]]
        if error:
            progress.append({"message": error, "timestamp": "2025-11-23T10:00:12.000000"})
        with sqlite3.connect(home / "taskq.db") as db:
            db.execute(
                "insert into tasks (id, type, current_status, result_data, error_message,"
                " created_at, started_at, completed_at) values (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    "abc-123",
                    "shopify_order",
                    status,
                    json.dumps({"progress": progress}),
                    error,
                    "2025-11-23T10:00:00Z",
                    "2025-11-23T10:00:00Z",
                    completed,
                ),
            )
        db.close()

    return write


def test_the_documented_block_is_drawn_byte_for_byte(taskq, documented):
    documented(5)
    drawn = subprocess.run(
        [sys.executable, "-m", "taskq", "status", "abc-123"],
        capture_output=True,
        check=False,
        env=os.environ,
    )

    assert drawn.stdout == (GOLDEN / "documented_block.txt").read_bytes()
    assert drawn.returncode == 0


def test_force_color_brings_no_cursor_codes_into_a_pipe(taskq, documented):
    documented(8, "completed", "2025-11-23T10:00:25Z")
    watched = taskq("watch", "abc-123", env={"FORCE_COLOR": "1"})

    assert "\x1b" not in watched.stdout
    assert watched.stdout.splitlines()[0] == "10:00:00  Task started by worker-1"
    assert watched.stdout.splitlines()[-1] == "Task abc-123 completed in 25.0 s"


def test_an_ascii_terminal_gets_marks_it_can_show(taskq, documented):
    documented(5)
    drawn = taskq("status", "abc-123", env={"LC_ALL": "C"}).stdout

    assert drawn.isascii()
    assert "> Navigating to checkout            10:00:10" in drawn
    assert "#" * 30 + " 60%" in drawn


def test_a_stream_that_cannot_encode_the_marks_is_no_reason_to_crash(taskq, documented):
    documented(5)
    drawn = taskq("status", "abc-123", env={"PYTHONIOENCODING": "cp1252"})

    assert drawn.returncode == 0
    assert "+ Opening product page" in drawn.stdout


def test_status_as_json_has_the_documented_keys_first(taskq, documented):
    documented(8, "completed", "2025-11-23T10:00:25Z")
    shown = json.loads(taskq("status", "abc-123", "--json").stdout)

    assert list(shown)[:7] == [
        "task_id",
        "type",
        "current_status",
        "result_data",
        "created_at",
        "started_at",
        "completed_at",
    ]
    assert shown["created_at"] == "2025-11-23T10:00:00Z"
    assert shown["result_data"]["progress"][0] == {
        "message": "Task started by worker-1",
        "timestamp": "2025-11-23T10:00:00.123456",
    }
    assert (shown["percent"], shown["outcome"]) == (100, "succeeded")


@pytest.mark.parametrize("name", ["abc-123", "abc", "@"])
def test_a_prefix_or_the_newest_is_an_id(taskq, documented, name):
    documented(5)

    assert "Task: abc-123" in taskq("status", name).stdout


def test_times_are_shown_in_the_local_zone(taskq, documented):
    documented(5)

    assert "05:00:10" in taskq("status", "abc", env={"TZ": "America/New_York"}).stdout


def test_a_list_in_a_pipe_is_tabbed_and_whole(taskq, documented):
    documented(5)
    head, row = taskq("list").stdout.splitlines()

    assert head.split("\t") == ["id", "type", "status", "percent", "step", "age"]
    assert row.split("\t")[:5] == [
        "abc-123",
        "shopify_order",
        "processing",
        "60%",
        "Navigating to checkout",
    ]
