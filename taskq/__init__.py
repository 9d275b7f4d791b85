"""taskq: a command-line task queue for long browser jobs that matter, with live progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taskq.database import TaskDatabase
    from taskq.errors import Declined, NotStarted, TaskFailed, TaskqError
    from taskq.plan import Step
    from taskq.registry import Handler, Option, register
    from taskq.run import BlockingRun, Run

__version__ = "0.1.0"

__all__ = [
    "BlockingRun",
    "Declined",
    "Handler",
    "NotStarted",
    "Option",
    "Run",
    "Step",
    "TaskDatabase",
    "TaskFailed",
    "TaskqError",
    "register",
]

_HOMES = {
    "BlockingRun": "run",
    "Declined": "errors",
    "Handler": "registry",
    "NotStarted": "errors",
    "Option": "registry",
    "Run": "run",
    "Step": "plan",
    "TaskDatabase": "database",
    "TaskFailed": "errors",
    "TaskqError": "errors",
    "register": "registry",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `taskq --help` needs none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'taskq' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"taskq.{_HOMES[name]}"), name)
