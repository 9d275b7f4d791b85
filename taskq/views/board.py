"""Many tasks at once, a row each, and the queue above them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from taskq.models import Queue, Status, Task, Worker
from taskq.timeline import Mark, Timeline, timeline
from taskq.views.block import STYLES, seconds, status_word
from taskq.views.screen import WIDE, Screen, cut
from taskq.views.tables import age, words

_HAS_WORKER = 90
"""Cells of the narrowest screen with a column for who works."""
_ID, _TYPE, _AGE, _WORKER, _PERCENT = 11, 14, 7, 10, 5
_BAR_WIDE, _BAR_NARROW = 10, 5


def board(queue: Queue, now: datetime, screen: Screen) -> Text:
    """The whole queue: its counts and workers, what runs, what waits, what has ended just now.

    What does not fit is counted.
    """
    live = [*queue.running, *queue.waiting]
    head = [_counts(queue.counts), *_workers(queue.workers, screen), Text()]
    tail = [Text(), *(_row(task, now, screen) for task in queue.ended)] if queue.ended else []
    room = len(live) if screen.height is None else screen.height - len(head) - len(tail)
    lines = [_row(task, now, screen) for task in live[: max(1, room)]]
    if rest := len(live) - len(lines):
        lines[-1] = Text(f"and {rest + 1} more", style="dim")
    if not live:
        lines = [Text("Nothing runs and nothing waits.", style="dim")]
    return Text("\n").join([*head, *lines, *tail])


def rows(tasks: Sequence[Task], now: datetime, screen: Screen) -> Text:
    """These tasks alone."""
    return Text("\n").join(_row(task, now, screen) for task in tasks)


def _counts(counts: Mapping[str, int]) -> Text:
    return Text(" · ".join(words(counts)) or "No tasks yet.")


def _workers(workers: Sequence[Worker], screen: Screen) -> Iterator[Text]:
    alive = [worker for worker in workers if worker.alive]
    if not alive:
        yield Text("No worker is running. Start one: taskq work --id 1", style="yellow")
        return
    slots = sum(worker.slots for worker in alive)
    names = ", ".join(worker.name for worker in alive)
    said = f"{names}: {slots} at a time"
    if silent := [worker.name for worker in workers if not worker.alive]:
        said += f"; silent: {', '.join(silent)}"
    yield Text(cut(said, screen.width or cell_len(said), screen.glyphs), style="dim")


def _row(task: Task, now: datetime, screen: Screen) -> Text:
    width = screen.width or _HAS_WORKER
    mark, line = _mark(task), timeline(task, now)
    row = Text(set_cell_size(f"{screen.mark(mark)} ", 3), style=STYLES[mark])
    row.append(set_cell_size(cut(task.id, _ID, screen.glyphs), _ID + 2))
    if width >= WIDE:
        row.append(set_cell_size(cut(task.type, _TYPE, screen.glyphs), _TYPE + 2), style="dim")
    row.append_text(_bar(task, line, screen, _BAR_WIDE if width >= WIDE else _BAR_NARROW))
    right = set_cell_size(_clock(task, line, now), _AGE)
    if width >= _HAS_WORKER:
        right += set_cell_size(task.worker_name or "", _WORKER)
    room = width - row.cell_len - cell_len(right) - 1
    if room > 0:
        row.append(set_cell_size(cut(_said(task, line), room, screen.glyphs), room + 1))
    return row.append(right.rstrip(), style="dim")


def _bar(task: Task, line: Timeline, screen: Screen, cells: int) -> Text:
    done = round(cells * (line.percent or 0) / 100)
    colour = "red" if task.current_status is Status.FAILED else "green"
    drawn = Text(screen.glyphs.bar * done, style=f"bold {colour}")
    drawn.append(screen.glyphs.bar * (cells - done), style="dim")
    percent = "" if line.percent is None else f"{line.percent}%"
    return drawn.append(f" {percent:<{_PERCENT}}", style="not dim")


def _said(task: Task, line: Timeline) -> str:
    """What it does now, or how it ended."""
    if task.ended:
        error = f": {task.error_message}" if task.error_message else ""
        return f"{status_word(task)}{error}"
    current = next((row for row in line.lines if row.mark is Mark.CURRENT), None)
    if current is None:
        return "waiting"
    slow = (
        f" (slow: usually {seconds(current.usually)})" if current.slow and current.usually else ""
    )
    return f"{current.message}{slow}"


def _clock(task: Task, line: Timeline, now: datetime) -> str:
    """How long it has run, or waited."""
    if line.elapsed is not None:
        return seconds(line.elapsed)
    return age((now - task.created_at).total_seconds())


def _mark(task: Task) -> Mark:
    marks = {
        Status.PENDING: Mark.PENDING,
        Status.PROCESSING: Mark.CURRENT,
        Status.COMPLETED: Mark.DONE,
        Status.FAILED: Mark.FAILED,
    }
    return marks[task.current_status]
