"""Waiting is the locator's business; this says in words what did not come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from taskq.errors import TaskFailed

_CLOSED = "has been closed"
_NET = re.compile(r"ERR_[A-Z_]+")


@contextmanager
def or_fail(sentence: str) -> Iterator[None]:
    """Fail the task with *sentence* where the browser gives up waiting."""
    from playwright.async_api import Error
    from playwright.async_api import TimeoutError as GaveUp

    try:
        yield
    except GaveUp as error:
        raise TaskFailed(sentence) from error
    except Error as error:
        if _CLOSED in error.message:
            raise TaskFailed("the window was closed") from error
        if unreachable := _NET.search(error.message):
            raise TaskFailed(f"the shop cannot be reached ({unreachable.group()})") from error
        raise
