"""Many tasks at once, and the queue in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from taskq.models import Outcome, Status, Task, Worker
from taskq.timeline import Mark, Timeline, timeline
from taskq.views.block import status_word

_LIVE = (Status.PROCESSING, Status.PENDING)
_WORDS: Mapping[str, str] = {Outcome.UNKNOWN: "in need of review"}
_LONG = 60
"""Seconds after which a step of which nobody knows how long it takes is worth a word."""

COLUMNS = ("id", "type", "status", "percent", "step", "age")


def row(task: Task, line: Timeline, now: datetime) -> tuple[str, ...]:
    """One task in the order of COLUMNS."""
    return (
        task.id,
        task.type,
        status_word(task).lower(),
        "" if line.percent is None else f"{line.percent}%",
        task.progress[-1].message if task.progress else "",
        age((now - task.created_at).total_seconds()),
    )


def table(
    rows: Sequence[Sequence[str]], columns: Sequence[str] = COLUMNS, gives_way: str = "step"
) -> Table:
    """Rows for a terminal: only one column gives way where the screen is narrow."""
    drawn = Table.grid(padding=(0, 2), expand=True)
    for index, name in enumerate(columns):
        widest = max(cell_len(cells[index]) for cells in (columns, *rows))
        if name == gives_way:
            drawn.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        else:
            drawn.add_column(no_wrap=True, min_width=widest, max_width=widest)
    for cells in (columns, *rows):
        style = "dim" if cells is columns else ""
        drawn.add_row(*(Text(cell, style=style) for cell in cells))
    return drawn


def tabbed(rows: Sequence[Sequence[str]], columns: Sequence[str] = COLUMNS) -> list[str]:
    """Rows for a pipe: one line each, fields apart by a tab, nothing cut."""
    return ["\t".join(cells) for cells in (columns, *rows)]


def queue(
    counts: Mapping[str, int], workers: Sequence[Worker], running: Sequence[Task], now: datetime
) -> list[str]:
    """The queue, its workers, and what each of them does, in a few lines."""
    lines = [f"Queue: {', '.join(words(counts)) or 'no tasks yet'}"]
    for worker in workers:
        its = [task for task in running if task.worker == worker.id]
        lines += [_worker(worker, its, now), *(f"  {_doing(task, now)}" for task in its)]
    known = {worker.id for worker in workers}
    lines += [
        f"nobody: {_doing(task, now)}, its worker has gone; the next one takes it"
        for task in running
        if task.worker not in known
    ]
    if not any(worker.alive for worker in workers):
        lines.append("No worker is running. Start one: taskq work --id 1")
    return lines


def words(counts: Mapping[str, int]) -> list[str]:
    """The counts in the order of a task's life: what runs and waits first."""
    known = [*(status for status in _LIVE if status in counts), *Outcome]
    return [f"{counts[word]} {_WORDS.get(word, word)}" for word in known if word in counts]


def _worker(worker: Worker, its: Sequence[Task], now: datetime) -> str:
    process = worker.process
    place = f"{worker.name} on {process.host} (pid {process.pid})"
    if not worker.alive:
        seen = age((now - worker.seen_at).total_seconds())
        takes = "; its tasks go back when their leases are over" if its else ""
        return f"{place}: silent for {seen}{takes}"
    return f"{place}: {len(its)} of {worker.slots} at a time, {', '.join(worker.types)}"


def _doing(task: Task, now: datetime) -> str:
    """What a running task does, and whether it does it for too long without a word."""
    line = timeline(task, now)
    current = next((row for row in line.lines if row.mark is Mark.CURRENT), None)
    if current is None:
        return task.id
    lasts = age(current.seconds or 0)
    slow = current.slow or (current.usually is None and (current.seconds or 0) > _LONG)
    return f"{task.id}  {current.message}, " + (f"no progress for {lasts}" if slow else lasts)


def age(value: float) -> str:
    """`12 s`, `5 min`, `3 h`, `2 d`."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if value >= size:
            return f"{int(value // size)} {unit}"
    return f"{max(0.0, value):.0f} s"
