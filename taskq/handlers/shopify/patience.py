"""Waiting is the locator's business; this says in words what did not come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from taskq.errors import TaskFailed


@contextmanager
def or_fail(sentence: str) -> Iterator[None]:
    """Fail the task with *sentence* where the browser gives up waiting."""
    from playwright.async_api import TimeoutError as GaveUp

    try:
        yield
    except GaveUp as error:
        raise TaskFailed(sentence) from error
