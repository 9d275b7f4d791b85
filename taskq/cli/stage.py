"""What a demo is shown on: a queue of its own, a worker beside us, the watch in front."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskq.cli import shared
from taskq.errors import NotSetUp

if TYPE_CHECKING:
    from taskq.models import Task


def folder(home: Path) -> Path:
    """Where the settings of a demo at *home* are."""
    return home / "config"


@contextmanager
def queue(home: Path, **more: str) -> Iterator[None]:
    """A queue in *home*, apart from the user's, and the variables *more*, for the block."""
    own = {
        "TASKQ_CONFIG_DIR": str(folder(home)),
        "TASKQ_DATA_DIR": str(home / "runs"),
        "TASKQ_DB": str(home / "taskq.db"),
        "TASKQ_PROFILE": "default",
        **more,
    }
    before = dict(os.environ)
    os.environ.update(own)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def show(command: str, given: Mapping[str, Any], typed: str) -> Task:
    """Submit a task of the type *command*, as if *typed*, and watch a worker do it."""
    from taskq import registry, tasks
    from taskq.cli.watch import follow

    handler = registry.find(command)
    with shared.store(None) as store:
        params = handler.parse(given)
        shared.hint("$ taskq work --id 1 &")
        with _worker():
            task = tasks.submit(store, handler, params).task
            shared.hint(f"$ {typed}")
            shared.hint(f"$ taskq watch {task.id}\n")
            return follow(store, task.id)


def lasted(task: Task) -> str:
    """How long it took."""
    assert task.started_at is not None
    assert task.completed_at is not None
    return f"{(task.completed_at - task.started_at).total_seconds():.1f} s"


@contextmanager
def _worker() -> Iterator[None]:
    """A worker beside us, as `taskq work --id 1` in another terminal would be."""
    command = [sys.executable, "-m", "taskq", "work", "--id", "1", "--once"]
    worker = subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    for line in worker.stdout:
        if line.startswith("Waiting"):
            break
    else:
        raise NotSetUp("The worker did not start. See why: taskq doctor")
    threading.Thread(target=_interrupt_when_dead, args=(worker,), daemon=True).start()
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


def _interrupt_when_dead(worker: subprocess.Popen[str]) -> None:
    """Read on, so that the worker never waits for us, and end the watch if it crashes."""
    assert worker.stdout is not None
    for _ in worker.stdout:
        pass
    if worker.wait() != 0:
        os.kill(os.getpid(), signal.SIGINT)
