"""`taskq work`: a worker, and what it says of its work."""

from __future__ import annotations

import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from taskq.cli import complete, shared, show

if TYPE_CHECKING:
    from taskq.models import Task, Worker
    from taskq.registry import Handler
    from taskq.settings import Settings
    from taskq.store import Store


def work(
    number: Annotated[
        int | None, typer.Option("--id", min=1, help="Its number: worker-{id}.")
    ] = None,
    concurrency: Annotated[
        int, typer.Option("--concurrency", "-c", min=1, max=64, help="Tasks at a time.")
    ] = 1,
    per_shop: Annotated[
        int, typer.Option("--per-shop", min=1, help="Tasks of one shop at a time, queue-wide.")
    ] = 1,
    types: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            help="Take tasks of this type only (repeatable).",
            autocompletion=complete.types,
        ),
    ] = None,
    drain: Annotated[
        bool, typer.Option("--drain", help="Leave when nothing is left to do.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Leave after one task.")] = False,
    headed: Annotated[bool, typer.Option("--headed", help="Show the browser.")] = False,
    trace: Annotated[
        bool, typer.Option("--trace", help="Keep a Playwright trace of every task.")
    ] = False,
    imports: Annotated[
        list[str] | None,
        typer.Option("--import", help="A module, or .py file, with task types (repeatable)."),
    ] = None,
    db: shared.Db = None,
    as_json: shared.Json = False,
) -> int:
    """Work: take tasks from the queue and run them.

    Examples: taskq work --id 1 · taskq work --concurrency 4 --drain
    """
    from taskq import registry, tasks
    from taskq.worker.orders import Orders

    settings = shared.settings(db, headed=headed or None, trace=trace or None)
    registry.load_imports([*settings.imports.split(","), *(imports or ())])
    known = registry.handlers()
    if types:
        chosen = [registry.find(name) for name in types]
        known = {handler.task_type: handler for handler in chosen}
    orders = Orders(number, concurrency, per_shop, once, drain)
    with tasks.opened(settings) as store:
        work_on(store, settings, known, orders, as_json=as_json)
    if sys.stderr.isatty():
        shared.hint("\nThe worker has left.")
    return 0


def work_on(
    store: Store,
    settings: Settings,
    known: Any,
    orders: Any,
    *,
    as_json: bool = False,
    beside: AbstractContextManager[None] | None = None,
) -> None:
    """Be a worker of the *known* types, and say what it does, until it leaves."""
    from taskq.tasks import needs

    ready = needs.ready(known.values(), settings)
    with beside or nullcontext():
        _run(store, settings, known, orders, _Teller(settings, ready, as_json=as_json).told())


def work_one(
    store: Store, settings: Settings, handler: Handler[Any], task_id: str, *, as_json: bool
) -> Task:
    """Work this one task here, with its live screen; the task as it ended, or was given back."""
    from taskq.cli.watch import follow
    from taskq.worker.orders import Orders, Told

    left = threading.Event()
    screen = threading.Thread(
        target=follow,
        args=(store, task_id),
        kwargs={"how": show.mode(None, as_json=as_json), "stopped": left.is_set},
    )
    screen.start()
    orders = Orders(only=task_id)
    try:
        _run(store, settings, {handler.task_type: handler}, orders, Told(notice=shared.hint))
    finally:
        left.set()
        screen.join()
    return store.get(task_id)


def _run(store: Store, settings: Settings, known: Any, orders: Any, told: Any) -> None:
    import asyncio

    from taskq.worker import Work

    async def live() -> None:
        await Work(store, settings, known, orders, told).run()

    asyncio.run(live())


class _Teller:
    """Words for what a worker does: one line per change of a task."""

    def __init__(self, settings: Settings, ready: list[tuple[str, str]], *, as_json: bool) -> None:
        self._settings = settings
        self._ready = ready
        self._as_json = as_json
        self._busy = False

    def told(self) -> Any:
        from taskq.worker.orders import Told

        return Told(self._started, self._warm, self._task, self._entry, shared.hint)

    def _started(self, worker: Worker) -> None:
        database = self._settings.shown_db
        if self._as_json:
            self._json(worker=worker.name, database=database, types=list(worker.types))
            return
        shared.say(f"{worker.name} works on {database}")
        for name, state in [("Types", ", ".join(worker.types)), *self._ready]:
            shared.say(f"  {name:<9}{state}")
        sys.stdout.flush()

    def _warm(self) -> None:
        if not self._as_json and not self._busy:
            shared.say("Waiting for tasks (Ctrl-C stops).")
            sys.stdout.flush()

    def _task(self, task: Task) -> None:
        from taskq.views import plain

        self._busy = True
        if self._as_json:
            self._json(task_id=task.id, status=task.current_status, outcome=task.outcome)
        elif task.ended:
            self._line(task.id, plain.ending(task))
        elif task.progress:
            self._line(task.id, task.progress[-1].message)

    def _entry(self, task: Task, message: str) -> None:
        if self._as_json:
            self._json(task_id=task.id, message=message)
        else:
            self._line(task.id, message)

    def _line(self, task_id: str, text: str) -> None:
        moment = shared.now()
        stamp = (
            moment.astimezone().strftime("%H:%M:%S")
            if sys.stdout.isatty()
            else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        )
        shared.say(f"{stamp}  {task_id}  {text}")
        sys.stdout.flush()

    def _json(self, **facts: Any) -> None:
        shared.say_line({"at": shared.now().isoformat(), **facts})
        sys.stdout.flush()
