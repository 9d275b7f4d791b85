"""What a shell may complete a word to, without opening the queue: fast, and silent.

A server is not asked: whoever presses Tab waits for no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import entry_points

from taskq.registry import GROUP
from taskq.settings import Settings
from taskq.stores.sqlite import glimpse


def ids(settings: Settings, prefix: str) -> Sequence[tuple[str, str]]:
    """The newest tasks whose id begins with *prefix*, each with its type and state."""
    found = glimpse.newest(settings.file, prefix) if settings.file else []
    return [(task_id, ", ".join(rest)) for task_id, *rest in found]


def types(settings: Settings) -> Sequence[str]:
    """The task types that are installed, and those there are tasks of; none is loaded for it."""
    installed = {entry.name for entry in entry_points(group=GROUP)}
    return sorted({*installed, *(glimpse.types(settings.file) if settings.file else [])})
