"""`taskq watch`: tasks live, until they end; or the whole queue."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from taskq.cli import complete, shared, show
from taskq.cli.shared import Db, Json
from taskq.cli.show import Mode
from taskq.errors import WrongMoment

if TYPE_CHECKING:
    from taskq.models import Task
    from taskq.store import Store

_TIMED_OUT, _INTERRUPTED = 124, 130
_WORST_FIRST = (7, 1, 4, 0)
"""Of several tasks the exit code tells what most needs somebody."""


def watch(
    task_ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID]...",
            help="Ids, their beginnings, or @ for the newest.",
            autocompletion=complete.task_ids,
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Watch the whole queue: the board.")
    ] = False,
    timeout: Annotated[
        float | None, typer.Option("--timeout", min=0.0, help="Watch so many seconds at most.")
    ] = None,
    bell: Annotated[bool, typer.Option("--bell", help="Ring when a task ends.")] = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 however the tasks end.")
    ] = False,
    progress: Annotated[
        str | None,
        typer.Option("--progress", metavar="HOW", help="auto, tty, plain, json or none."),
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> int:
    """Watch tasks live until they end; exit code = their end. Without ID the one that runs.

    Examples: taskq watch k7f · taskq watch @ --bell && echo ordered
    """
    how = show.mode(progress, as_json=as_json)
    with shared.store(db) as store:
        ids = [] if everything else _meant(store, task_ids or [])
        try:
            if how is Mode.TTY and not ids:
                return _board(store, timeout)
            ended = _follow(store, ids or _live(store), how, timeout=timeout, bell=bell)
        except KeyboardInterrupt:
            return _interrupted(ids)
    if ended is None:
        return _timed_out(ids, timeout)
    return 0 if exit_zero else _code(ended)


def follow(
    store: Store,
    task_id: str,
    *,
    how: Mode | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Task:
    """Show one task until it ends, as this stdout can; *stopped* is asked every second."""
    last = store.get(task_id)
    with show.painted(store, [task_id], how or show.mode(None)) as paint:
        from taskq.tasks.follow import follow as changes

        for last in changes(store, [task_id], tick=1.0):
            paint({last.id: last}, last)
            if stopped():
                break
    return last


def _follow(
    store: Store, ids: Sequence[str], how: Mode, *, timeout: float | None, bell: bool
) -> list[Task] | None:
    """Show the tasks until all have ended; None if that took too long."""
    from taskq.tasks.follow import follow as changes

    until = None if timeout is None else time.monotonic() + timeout
    known: dict[str, Task] = {}
    tick = 1.0 if timeout is None else min(1.0, max(timeout, 0.01))
    with show.painted(store, ids, how) as paint:
        for task in changes(store, ids, tick=tick):
            known[task.id] = task
            paint(known, task)
            if bell and task.ended:
                show.ring(task)
            if until is not None and time.monotonic() >= until and not _all_ended(known, ids):
                return None
    return list(known.values())


def _all_ended(known: dict[str, Task], ids: Sequence[str]) -> bool:
    return all(each in known and known[each].ended for each in ids)


def _meant(store: Store, texts: Sequence[str]) -> list[str]:
    """The ids that were typed; without any, the one that runs, if there is one alone."""
    from taskq import tasks

    if texts:
        return list(dict.fromkeys(tasks.named(store, text).id for text in texts))
    live = _live_ids(store)
    return live if len(live) == 1 else []


def _live(store: Store) -> list[str]:
    """Whatever runs or waits now, for those who cannot see the board.

    Raises:
        WrongMoment: nothing does.
    """
    if live := _live_ids(store):
        return live
    raise WrongMoment("No task runs or waits. See those there were: taskq list")


def _live_ids(store: Store) -> list[str]:
    from taskq.models import Status

    running = [task.id for task in store.list(status=Status.PROCESSING, limit=500)]
    return running or [task.id for task in store.list(status=Status.PENDING, limit=500)]


def _board(store: Store, timeout: float | None) -> int:
    """Draw the queue on a screen of its own until somebody has seen enough."""
    from taskq.tasks.follow import follow_queue
    from taskq.views.live import LiveScreen

    until = None if timeout is None else time.monotonic() + timeout
    try:
        with LiveScreen(shared.console(), shared.glyphs(), alone=True) as live:
            for found in follow_queue(store):
                show.queue(found, live)
                if until is not None and time.monotonic() >= until:
                    return _TIMED_OUT
    except KeyboardInterrupt:
        return 0
    return 0


def _interrupted(ids: Sequence[str]) -> int:
    named = " ".join(ids)
    goes_on = f"task {named} goes on" if len(ids) == 1 else "the tasks go on"
    again = f"taskq watch {named}".strip()
    shared.hint(f"\nStopped watching; {goes_on}. Watch again: {again}")
    return _INTERRUPTED


def _timed_out(ids: Sequence[str], timeout: float | None) -> int:
    named = " ".join(ids)
    goes_on = f"task {named} goes on" if len(ids) == 1 else "the tasks go on"
    shared.hint(f"Not over in {timeout:g} s; {goes_on}. Watch again: taskq watch {named}".strip())
    return _TIMED_OUT


def _code(ended: Sequence[Task]) -> int:
    codes = {shared.exit_code(task) for task in ended}
    return next(code for code in _WORST_FIRST if code in codes)
