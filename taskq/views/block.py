"""A task as the document draws it: the block with its bar and its rows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.cells import set_cell_size
from rich.text import Text

from taskq.models import Outcome, Progress, Status, Task
from taskq.timeline import Line, Mark, Timeline
from taskq.views.screen import PIPE, WIDE, Screen, cut

_BAR = 30
_CLOCK = len("10:00:00")

STYLES = {
    Mark.DONE: "green",
    Mark.CURRENT: "bold",
    Mark.PENDING: "dim",
    Mark.FAILED: "red",
    Mark.SKIPPED: "dim",
}
_WORDS = {Outcome.CANCELLED: "Cancelled", Outcome.UNKNOWN: "Needs review"}


def block(task: Task, line: Timeline, screen: Screen = PIPE) -> Text:
    """The documented block; a wide screen gets seconds to the right of it and a line beneath.

    Where it does not fit, the steps that are over and those to come are folded.
    """
    head = [Text(title(task)), Text(), Text("Progress:"), bar(task, line, screen), Text()]
    foot = list(_foot(task, line, screen))
    rows = list(line.lines)
    room = None if screen.height is None else screen.height - len(head) - len(foot)
    if room is not None and len(rows) > room:
        head = [head[0], head[3]]
        foot = [text for text in foot if text.plain]
        room = max(3, (screen.height or 0) - len(head) - len(foot))
        rows = folded(rows, room)
    return Text("\n").join([*head, *(_row(row, screen) for row in rows), *foot])


def folded(rows: list[Line], room: int) -> list[Line]:
    """*rows* in *room* lines, 3 at least: what is over becomes one, and what is to come."""
    now = next((n for n, row in enumerate(rows) if row.mark is Mark.PENDING), len(rows)) - 1
    over = min(max(now, 0), len(rows) - room + 1) if len(rows) > room else 0
    if over > 1:
        last = rows[over - 1]
        done = Line(f"{over} steps done", Mark.DONE, last.timestamp)
        rows = [done, *rows[over:]]
    if len(rows) > room:
        rest = len(rows) - room + 1
        rows = [*rows[: room - 1], Line(f"{rest} more", Mark.PENDING)]
    return rows


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


def bar(task: Task, line: Timeline, screen: Screen, cells: int = _BAR) -> Text:
    """How far it is: a bar with its percent, or with what is known where that is not."""
    cells, glyphs = min(cells, screen.cells - len(" 100%")), screen.glyphs
    if line.percent is None:
        updates = f"{len(task.progress)} updates"
        lasted = f" · {seconds(line.elapsed)}" if line.elapsed is not None else ""
        return Text(glyphs.bar * cells, style="dim").append(f" {updates}{lasted}", style="not dim")
    done = round(cells * line.percent / 100)
    colour = "red" if task.current_status is Status.FAILED else "green"
    drawn = Text(glyphs.bar * done, style=f"bold {colour}")
    return drawn.append(glyphs.bar * (cells - done), style="dim").append(
        f" {line.percent}%", style="not dim"
    )


def _row(row: Line, screen: Screen) -> Text:
    style, glyphs, at = STYLES[row.mark], screen.glyphs, screen.cells - _CLOCK
    left = f"{screen.mark(row.mark)} {row.message}"
    if row.timestamp is None:
        return Text(cut(left, screen.cells, glyphs), style=style)
    text = Text(set_cell_size(cut(left, at - 1, glyphs), at), style=style)
    text.append(clock(row.timestamp))
    if screen.is_wide and row.seconds is not None and row.mark is not Mark.SKIPPED:
        slow = f"  slow: usually {seconds(row.usually)}" if row.slow and row.usually else ""
        text.append(f"  {seconds(row.seconds):>6}{slow}", style="yellow" if slow else "dim")
    return text


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


def _foot(task: Task, line: Timeline, screen: Screen) -> Iterator[Text]:
    """Beneath the rows: how it goes on, or what matters once it is over."""
    if not task.ended:
        if screen.is_wide:
            yield from (Text(), Text(_beneath(task, line), style="dim"))
        return
    yield Text()
    if trip := task.result_data.get("trip"):
        yield Text(f"Trip {trip}", style="bold")
    elif order := task.result_data.get("order"):
        yield Text(f"Order #{order}", style="bold")
    if task.error_message:
        width = WIDE if screen.is_wide else screen.cells
        for part in textwrap.wrap(f"Error: {task.error_message}", width, break_long_words=False):
            yield Text(part, style="red")
    for name, path in task.result_data.get("artifacts", {}).items():
        yield Text(f"{name}: ").append(path, style=f"link file://{path}")
    if task.outcome in {Outcome.FAILED, Outcome.CANCELLED}:
        yield Text(f"Once more: taskq retry {task.id}")
    if task.outcome is Outcome.UNKNOWN:
        yield Text(f"Say what became of it: taskq resolve {task.id}")
