"""What a person sees at a terminal: whole screens, drawn by pyte from what the real taskq sends."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
from datetime import UTC, datetime, timedelta

import pyte
import pytest

from tests.conftest import wait_for
from tests.unit.test_screens import MESSAGES


class Seen:
    """A terminal of so many columns and rows with `taskq` in it."""

    def __init__(self, *args, columns=80, rows=24, env=None):
        self.screen = pyte.HistoryScreen(columns, rows, history=500)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._ours, theirs = pty.openpty()
        self.resize(columns, rows)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "taskq", *map(str, args)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**_without_size(), "TERM": "xterm-256color", **(env or {})},
            start_new_session=True,
        )
        os.close(theirs)

    def resize(self, columns, rows):
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, size)
        self.screen.resize(rows, columns)

    def lines(self):
        """What is on the screen now, without the empty lines at its end."""
        self._take()
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip().splitlines()

    def shows(self, words, seconds=20):
        """Wait until *words* are on the screen; the screen."""
        wait_for(lambda: any(words in line for line in self.lines()), seconds)
        return self.lines()

    def ends(self, seconds=20):
        """Wait for its end; the exit code."""
        wait_for(lambda: self._take() or self.process.poll() is not None, seconds)
        self._take()
        return self.process.returncode

    def history(self):
        """What scrolled away above, and the screen."""
        above = [
            "".join(row[x].data for x in sorted(row)).rstrip() for row in self.screen.history.top
        ]
        return [*above, *self.lines()]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def _take(self):
        while select.select([self._ours], [], [], 0.02)[0]:
            try:
                chunk = os.read(self._ours, 65536)
            except OSError:
                return
            self.raw += chunk
            self._stream.feed(chunk)


def _without_size():
    """The environment, without the size that whoever runs the tests gives to all below it."""
    return {name: os.environ[name] for name in os.environ if name not in {"COLUMNS", "LINES"}}


@pytest.fixture
def seen():
    opened = []

    def see(*args, **more):
        opened.append(Seen(*args, **more))
        return opened[-1]

    yield see
    for each in opened:
        each.close()


@pytest.fixture
def row(taskq, home):
    """Write rows of tasks as any other program might; `row(entries, …)` gives the id."""
    taskq("list")
    began = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=30)

    def write(entries, status="processing", task_id="abc-123", error=None, messages=MESSAGES):
        progress = [
            {"message": text, "timestamp": (began + timedelta(seconds=2 * n)).isoformat()}
            for n, (text, _) in enumerate(messages[:entries])
        ]
        ended = status in {"completed", "failed"}
        stamp = f"{began:%Y-%m-%dT%H:%M:%SZ}"
        values = (
            task_id,
            "shopify_order",
            status,
            json.dumps({"progress": progress}),
            error,
            stamp,
            stamp if entries else None,
            f"{began + timedelta(seconds=25):%Y-%m-%dT%H:%M:%SZ}" if ended else None,
        )
        with sqlite3.connect(home / "taskq.db") as db:
            db.execute(
                "insert or replace into tasks (id, type, current_status, result_data,"
                " error_message, created_at, started_at, completed_at)"
                " values (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        db.close()
        return task_id

    return write


HOLES = [(r"\d\d:\d\d:\d\d", "HH:MM:SS"), (r"\d+\.\d s|\d+:\d\d\b", "N s"), (r" +N s", " N s")]


def whole(lines):
    """The screen with holes for what changes from run to run."""
    text = "\n".join(lines)
    for pattern, hole in HOLES:
        text = re.sub(pattern, hole, text)
    return text


def test_a_step_that_takes_too_long_is_named_with_what_it_usually_takes(seen, row):
    row(5)
    terminal = seen("watch", "abc-123")
    terminal.shows("slow: usually")

    assert (
        whole(terminal.lines())
        == """\
Task: abc-123 (Processing)

Progress:
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 60%

✓ Task started by worker-1          HH:MM:SS N s
✓ Opening product page              HH:MM:SS N s
✓ Selecting size: Medium            HH:MM:SS N s
✓ Adding product to cart            HH:MM:SS N s
⏳ Navigating to checkout           HH:MM:SS N s  slow: usually N s
□ Filling shipping information
□ Processing payment
□ Order placed successfully

waiting for a worker · N s""".replace("⏳", lit(terminal))
    )


def lit(terminal):
    """The hourglass as it is turned just now."""
    return "⌛" if any("⌛" in line for line in terminal.lines()) else "⏳"


def test_a_change_is_drawn_in_the_same_place_and_the_end_stays(seen, row):
    row(5)
    terminal = seen("watch", "abc-123")
    terminal.shows("Navigating to checkout")
    row(8, "completed")

    assert terminal.ends() == 0
    shown = terminal.history()
    assert sum("Task: abc-123" in line for line in shown) == 1
    assert "Task: abc-123 (Completed)" in shown[0]
    assert any("100%" in line for line in shown)


def test_nine_rows_fold_what_is_over_and_what_is_to_come_until_the_end_is_whole(seen, row):
    row(5)
    terminal = seen("watch", "abc-123", columns=60, rows=9)
    terminal.shows("Navigating to checkout")
    folded = whole(terminal.lines()).replace("⌛", "⏳")
    row(8, "completed")

    assert (
        folded
        == """\
Task: abc-123 (Processing)
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 60%
✓ 3 steps done                      HH:MM:SS
✓ Adding product to cart            HH:MM:SS
⏳ Navigating to checkout           HH:MM:SS
□ Filling shipping information
□ Processing payment
□ Order placed successfully"""
    )
    assert terminal.ends() == 0
    assert sum(line.startswith("✓") for line in terminal.history()) == 8


def test_forty_columns_are_enough_for_every_line(seen, row):
    row(5)
    terminal = seen("watch", "abc-123", columns=40, rows=20)
    shown = terminal.shows("Navigating to checkout")

    assert any(re.fullmatch(r"✓ Opening product page +\d\d:\d\d:\d\d", line) for line in shown)
    assert all(len(line) <= 40 for line in shown)


def test_a_terminal_that_gets_narrower_keeps_no_old_lines(seen, row):
    row(5)
    terminal = seen("watch", "abc-123", columns=90)
    terminal.shows("slow: usually")
    terminal.resize(50, 24)
    os.kill(terminal.process.pid, signal.SIGWINCH)
    wait_for(lambda: not any("slow" in line for line in terminal.lines()), 10)

    assert sum("Task: abc-123" in line for line in terminal.lines()) == 1


def test_ctrl_c_stops_the_watching_and_says_that_the_task_goes_on(seen, row):
    row(5)
    terminal = seen("watch", "abc-123")
    terminal.shows("Navigating to checkout")
    os.kill(terminal.process.pid, signal.SIGINT)

    assert terminal.ends() == 130
    assert (
        "Stopped watching; task abc-123 goes on. Watch again: taskq watch abc-123"
        in (terminal.lines()[-1])
    )


def test_without_colour_the_words_are_the_same_and_nothing_is_coloured(seen, row):
    row(8, "completed")
    terminal = seen("watch", "abc-123", env={"NO_COLOR": "1"})

    assert terminal.ends() == 0
    assert "✓ Order placed successfully" in "\n".join(terminal.history())
    assert not re.search(rb"\x1b\[[0-9;]*3[0-7]m", terminal.raw)


def test_the_board_shows_what_runs_and_what_waits_and_what_has_just_ended(seen, row):
    row(5, task_id="run-001")
    row(0, "pending", task_id="pen-001")
    terminal = seen("watch", "--all", columns=100)
    terminal.shows("pen-001")
    before = whole(terminal.lines())
    row(8, "completed", task_id="run-001")
    after = terminal.shows("Completed")

    assert "1 processing · 1 pending" in before
    assert "No worker is running. Start one: taskq work --id 1" in before
    assert re.search(r"run-001 +shopify_order +━+ 60% +Navigating to checkout", before)
    assert re.search(r"pen-001 +shopify_order +━+ 0% +waiting", before)
    assert after.index(next(line for line in after if "run-001" in line)) > 3


def test_a_board_of_hundreds_counts_what_does_not_fit(seen, row):
    for number in range(300):
        row(0, "pending", task_id=f"t{number:03}-aaa")
    terminal = seen("watch", "--all", columns=60, rows=12)
    shown = terminal.shows("more")

    assert len(shown) <= 12
    assert re.search(r"and \d+ more", shown[-1])


def test_without_an_id_the_one_that_runs_is_watched(seen, row):
    row(5)
    row(0, "pending", task_id="pen-001")
    terminal = seen("watch")

    assert "Task: abc-123 (Processing)" in terminal.shows("Navigating")[0]


def test_several_tasks_are_watched_at_once_and_the_worst_end_is_the_exit_code(seen, row):
    row(8, "completed", task_id="good-1")
    row(5, "failed", task_id="bad-1", error="size XXL is not offered")
    terminal = seen("watch", "good-1", "bad-1")

    assert terminal.ends() == 1
    shown = "\n".join(terminal.history())
    assert re.search(r"✓ +good-1 .*Completed", shown)
    assert re.search(r"✗ +bad-1 .*Failed: size XXL", shown)


def test_the_bell_rings_once_when_the_task_ends(seen, row):
    row(8, "completed")
    terminal = seen("watch", "abc-123", "--bell")

    assert terminal.ends() == 0
    assert terminal.raw.count(b"\x1b]9;Task abc-123 completed") == 1


def test_watching_ends_after_so_long_and_says_that_the_task_goes_on(taskq, row):
    row(5)
    watched = taskq("watch", "abc-123", "--timeout", "0.2")

    assert watched.returncode == 124
    assert "Not over in 0.2 s; task abc-123 goes on." in watched.stderr


@pytest.mark.parametrize(
    ("how", "first"),
    [
        ("plain", "Task started by worker-1"),
        ("json", '{"message": "Task started by worker-1"'),
        ("none", ""),
    ],
)
def test_progress_is_shown_in_the_way_that_was_asked_for(taskq, row, how, first):
    row(8, "completed")
    watched = taskq("watch", "abc-123", "--progress", how)

    assert watched.returncode == 0
    assert first in watched.stdout.partition("\n")[0]
    assert taskq("watch", "abc-123", env={"TASKQ_PROGRESS": how}).stdout == watched.stdout


def test_a_screen_in_a_pipe_is_refused_and_so_is_a_way_there_is_not(taskq, row):
    row(5)
    screen = taskq("watch", "abc-123", "--progress", "tty")
    unknown = taskq("watch", "abc-123", "--progress", "fireworks")

    assert (screen.returncode, unknown.returncode) == (2, 2)
    assert "--progress plain" in screen.stderr
    assert "auto, tty, plain, json, none" in unknown.stderr


def test_nothing_to_watch_is_told_in_a_sentence(taskq, row):
    watched = taskq("watch")

    assert watched.returncode == 6
    assert "No task runs or waits" in watched.stderr


def test_the_queue_says_what_each_worker_does_and_who_is_silent(taskq, row):
    row(5)
    told = taskq("status").stdout.splitlines()

    assert told[0] == "Queue: 1 processing"
    assert told[-1] == "No worker is running. Start one: taskq work --id 1"
