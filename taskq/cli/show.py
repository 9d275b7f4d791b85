"""How what is followed is shown here: a screen, lines, JSON lines, or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from taskq.cli import shared
from taskq.errors import BadInput

if TYPE_CHECKING:
    from taskq.models import Queue, Task
    from taskq.store import Store
    from taskq.views.live import LiveScreen


class Mode(StrEnum):
    """A way to show progress (`--progress`, TASKQ_PROGRESS)."""

    AUTO = "auto"
    TTY = "tty"
    PLAIN = "plain"
    JSON = "json"
    NONE = "none"


def mode(asked: str | None, *, as_json: bool = False) -> Mode:
    """The way that was asked for, or that this stdout can.

    Raises:
        BadInput: there is no such way, or a screen was asked for where there is none.
    """
    try:
        wanted = Mode(asked or shared.settings().progress)
    except ValueError:
        raise BadInput(f"--progress: {asked!r} is none of {', '.join(Mode)}") from None
    if as_json:
        return Mode.JSON
    if wanted is Mode.TTY and not shared.is_screen():
        raise BadInput("--progress tty: this is no terminal. Use: --progress plain")
    if wanted is not Mode.AUTO:
        return wanted
    return Mode.TTY if shared.is_screen() else Mode.PLAIN


Paint = Callable[[Mapping[str, "Task"], "Task"], None]
"""Shows that one of the tasks (the first argument has them all) is new, changed, or ticks on."""


@contextmanager
def painted(store: Store, ids: Sequence[str], how: Mode) -> Iterator[Paint]:
    """Show the tasks of these ids as they change; on a screen the last frame stays."""
    if how is Mode.TTY:
        from taskq.views.live import LiveScreen

        with LiveScreen(shared.console(), shared.glyphs()) as live:
            yield partial(_block, store, live) if len(ids) == 1 else partial(_rows, live, ids)
        return
    ways: dict[Mode, Paint] = {
        Mode.PLAIN: partial(_lines, store, {}, several=len(ids) > 1),
        Mode.JSON: partial(_json_lines, {}, several=len(ids) > 1),
    }
    yield ways.get(how, lambda _known, _task: None)


def queue(found: Queue, live: LiveScreen) -> None:
    """Draw the board of the whole queue."""
    from taskq.views.board import board

    now = shared.now()
    live.show(board(found, now, live.screen(now)))


def ring(task: Task) -> None:
    """Ring the terminal's bell, and tell why in words where it can show them."""
    from taskq.views import plain

    if sys.stderr.isatty():
        sys.stderr.write(f"\a\x1b]9;{plain.ending(task)}\x07")
        sys.stderr.flush()


def _block(store: Store, live: LiveScreen, known: Mapping[str, Task], task: Task) -> None:
    from taskq import tasks
    from taskq.timeline import timeline
    from taskq.views.block import block

    del known
    now = shared.now()
    frame = block(task, timeline(task, now), live.screen(now, last=task.ended))
    if tasks.waiting_for_worker(store, task):
        frame.append("\n\nNo worker is running. Start one: taskq work --id 1")
    live.show(frame, last=task.ended)


def _rows(live: LiveScreen, ids: Sequence[str], known: Mapping[str, Task], task: Task) -> None:
    from taskq.views.board import rows

    del task
    shown = [known[each] for each in ids if each in known]
    is_over = len(shown) == len(ids) and all(each.ended for each in shown)
    now = shared.now()
    live.show(rows(shown, now, live.screen(now, last=is_over)), last=is_over)


def _lines(
    store: Store, shown: dict[str, int], known: Mapping[str, Task], task: Task, *, several: bool
) -> None:
    from taskq import tasks
    from taskq.views import plain

    del known
    if task.id not in shown and not task.progress and tasks.waiting_for_worker(store, task):
        shared.hint("No worker is running. Start one: taskq work --id 1")
    for entry in task.progress[shown.get(task.id, 0) :]:
        shared.say((f"{task.id}  " if several else "") + plain.entry(entry))
    shown[task.id] = len(task.progress)
    if task.ended:
        shared.say(plain.ending(task))
    sys.stdout.flush()


def _json_lines(
    shown: dict[str, int], known: Mapping[str, Task], task: Task, *, several: bool
) -> None:
    del known
    for entry in task.progress[shown.get(task.id, 0) :]:
        said = {"message": entry.message, "timestamp": entry.timestamp}
        shared.say_line({"task_id": task.id, **said} if several else said)
    shown[task.id] = len(task.progress)
    if task.ended:
        shared.say_line(shared.document(task))
    sys.stdout.flush()
