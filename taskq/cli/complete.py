"""What the shell completes a word to: ids, states, types, names. Says nothing, whatever fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import typer

Words = list[tuple[str, str]]
"""Words, each with what helps to choose it."""


def is_asked() -> bool:
    """Whether it is the shell that asks, which shows nobody what we say."""
    return "_TASKQ_COMPLETE" in os.environ


def task_ids(ctx: typer.Context, incomplete: str) -> Words:
    """Ids, newest first, with type and state; `@` is the newest."""

    def found() -> Iterable[tuple[str, str]]:
        from taskq.tasks import glimpse

        return glimpse.ids(_settings(ctx), incomplete)

    return _words(found, incomplete)


def types(ctx: typer.Context, incomplete: str) -> Words:
    """Task types."""

    def found() -> Iterable[tuple[str, str]]:
        from taskq.tasks import glimpse

        return [(name, "") for name in glimpse.types(_settings(ctx))]

    return _words(found, incomplete)


def statuses(incomplete: str) -> Words:
    """Statuses and outcomes."""
    from taskq.models import Outcome, Status

    words = dict.fromkeys([*map(str, Status), *map(str, Outcome)])
    return _words(lambda: [(word, "") for word in words], incomplete)


def outcomes(incomplete: str) -> Words:
    """Outcomes."""
    from taskq.models import Outcome

    return _words(lambda: [(str(word), "") for word in Outcome], incomplete)


def profiles(incomplete: str) -> Words:
    """The profiles there are."""

    def found() -> Iterable[tuple[str, str]]:
        from taskq.profiles import names
        from taskq.settings import config_dir

        return [(name, "") for name in names(config_dir())]

    return _words(found, incomplete)


def logins(incomplete: str) -> Words:
    """The saved logins there are."""

    def found() -> Iterable[tuple[str, str]]:
        from taskq.sessions import names
        from taskq.settings import config_dir

        return [(name, "") for name in names(config_dir())]

    return _words(found, incomplete)


def _words(found: Callable[[], Iterable[tuple[str, str]]], incomplete: str) -> Words:
    try:
        return [(word, help_) for word, help_ in found() if word.startswith(incomplete)]
    except Exception:  # noqa: BLE001 - a shell that completes has no place for a fault
        return []


def _settings(ctx: typer.Context) -> Any:
    """The settings of the command line so far: its `--db` may stand before or after the command."""
    named: Any = ctx.params.get("db") or ctx.find_root().params.get("db")
    from taskq.settings import load

    return load(db=named)
