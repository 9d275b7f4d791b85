"""Waiting is the locator's business; this says in words what did not come, and signs of life."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

from taskq.errors import TaskFailed
from taskq.run import Run

_ALIVE_EVERY = 15.0
_CLOSED = "has been closed"
_NET = re.compile(r"ERR_[A-Z_]+")


@contextmanager
def or_fail(sentence: str, who: str = "the site") -> Iterator[None]:
    """Fail the task with *sentence* where the browser gives up waiting; *who* is waited for."""
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
            raise TaskFailed(f"{who} cannot be reached ({unreachable.group()})") from error
        raise


async def in_time(run: Run[Any], waited: Awaitable[object], seconds: float) -> bool:
    """Wait for *waited* with signs of life; whether it came in so many seconds."""
    waiting = asyncio.ensure_future(waited)
    every = min(_ALIVE_EVERY, run.settings.stuck_seconds / 4)
    try:
        async with asyncio.timeout(seconds):
            while not waiting.done():
                await asyncio.wait([waiting], timeout=every)
                run.alive()
        waiting.result()
    except TimeoutError:
        return False
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    return True
