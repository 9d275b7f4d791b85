"""A task as the document draws it: the block with its bar and its rows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from taskq.models import Outcome, Progress, Status, Task
from taskq.timeline import Line, Mark, Timeline

NARROW = 44
"""The widest line of the documented block, in cells."""
WIDE = 70
"""Cells of the narrowest screen that has room to the right of it."""
_BAR = 30
_TIME_AT = 36


@dataclass(frozen=True)
class Glyphs:
    """The marks of a terminal that can, or cannot, show the document's own."""

    bar: str
    marks: Mapping[Mark, str]
    ellipsis: str


UNICODE = Glyphs(
    "━",
    {
        Mark.DONE: "✓",
        Mark.CURRENT: "⏳",
        Mark.PENDING: "□",
        Mark.FAILED: "✗",
        Mark.SKIPPED: "–",  # noqa: RUF001 - a dash is meant
    },
    "…",
)
ASCII = Glyphs(
    "#",
    {
        Mark.DONE: "+",
        Mark.CURRENT: ">",
        Mark.PENDING: ".",
        Mark.FAILED: "x",
        Mark.SKIPPED: "-",
    },
    "~",
)

_STYLES = {
    Mark.DONE: "green",
    Mark.CURRENT: "bold",
    Mark.PENDING: "dim",
    Mark.FAILED: "red",
    Mark.SKIPPED: "dim",
}
_WORDS = {Outcome.CANCELLED: "Cancelled", Outcome.UNKNOWN: "Needs review"}


def block(task: Task, line: Timeline, *, glyphs: Glyphs = UNICODE, wide: bool = False) -> Text:
    """The documented block; *wide* adds seconds to the right of it and a line beneath."""
    lines = [Text(title(task)), Text(), Text("Progress:"), _bar(task, line, glyphs), Text()]
    lines += [_row(row, glyphs, wide=wide) for row in line.lines]
    if wide and not task.ended:
        lines += [Text(), Text(_beneath(task, line), style="dim")]
    lines += _ending(task, WIDE if wide else NARROW)
    return Text("\n").join(lines)


def title(task: Task) -> str:
    """`Task: abc-123 (Processing)`."""
    return f"Task: {task.id} ({status_word(task)})"


def status_word(task: Task) -> str:
    """The status as a person says it; what is finer than the status where that matters more."""
    return _WORDS.get(task.outcome or Outcome.FAILED) or task.current_status.capitalize()


def clock(entry_time: str) -> str:
    """An entry's timestamp (UTC) as the local time of day."""
    return Progress("", entry_time).at.astimezone().strftime("%H:%M:%S")


def seconds(value: float) -> str:
    """`3.4 s`, `42.0 s`, `2:05`."""
    if value < 60:  # noqa: PLR2004 - a minute
        return f"{value:.1f} s"
    return f"{int(value) // 60}:{int(value) % 60:02}"


def _bar(task: Task, line: Timeline, glyphs: Glyphs) -> Text:
    if line.percent is None:
        updates = f"{len(task.progress)} updates"
        lasted = f" · {seconds(line.elapsed)}" if line.elapsed is not None else ""
        return Text(glyphs.bar * _BAR, style="dim").append(f" {updates}{lasted}", style="not dim")
    done = round(_BAR * line.percent / 100)
    colour = "red" if task.current_status is Status.FAILED else "green"
    bar = Text(glyphs.bar * done, style=f"bold {colour}")
    return bar.append(glyphs.bar * (_BAR - done), style="dim").append(
        f" {line.percent}%", style="not dim"
    )


def _row(row: Line, glyphs: Glyphs, *, wide: bool) -> Text:
    style = _STYLES[row.mark]
    left = f"{glyphs.marks[row.mark]} {row.message}"
    if row.timestamp is None:
        return Text(_cut(left, NARROW, glyphs), style=style)
    text = Text(set_cell_size(_cut(left, _TIME_AT - 1, glyphs), _TIME_AT), style=style)
    text.append(clock(row.timestamp))
    if wide and row.seconds is not None and row.mark is not Mark.SKIPPED:
        slow = f"  slow: usually {seconds(row.usually)}" if row.slow and row.usually else ""
        text.append(f"  {seconds(row.seconds):>6}{slow}", style="yellow" if slow else "dim")
    return text


def _cut(text: str, cells: int, glyphs: Glyphs) -> str:
    """*text* in at most *cells* cells: a wrapped line would break the screen's arithmetic."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, cells - 1).rstrip() + glyphs.ellipsis


def _beneath(task: Task, line: Timeline) -> str:
    parts = [task.worker_name or "waiting for a worker"]
    if task.attempt > 1:
        parts.append(f"attempt {task.attempt} of {task.max_attempts}")
    if line.elapsed is not None:
        parts.append(seconds(line.elapsed))
    if line.left is not None and line.left >= 1:
        parts.append(f"about {line.left:.0f} s left")
    if task.cancel_requested:
        parts.append("asked to stop")
    return " · ".join(parts)


def _ending(task: Task, width: int) -> Iterator[Text]:
    """What matters once it is over: the order, or the error and what to do about it."""
    if not task.ended:
        return
    yield Text()
    if order := task.result_data.get("order"):
        yield Text(f"Order #{order}", style="bold")
    if task.error_message:
        for part in textwrap.wrap(f"Error: {task.error_message}", width, break_long_words=False):
            yield Text(part, style="red")
    for name, path in task.result_data.get("artifacts", {}).items():
        yield Text(f"{name}: ").append(path, style=f"link file://{path}")
    if task.outcome in {Outcome.FAILED, Outcome.CANCELLED}:
        yield Text(f"Once more: taskq retry {task.id}")
