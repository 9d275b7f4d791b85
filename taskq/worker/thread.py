"""A plain `def` in a thread of its own, which never keeps the worker from leaving."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


async def in_thread(call: Callable[[], T]) -> T:
    """Run *call* in a daemon thread and wait for it.

    `asyncio.to_thread` would make the end of the event loop wait for it as well: a handler that
    blocks for an hour would keep a worker that was told to leave.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    context = copy_context()

    def told(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = context.run(call)
        except StopIteration as raised:
            error = RuntimeError(f"the handler raised {raised!r}")  # no future takes it as it is
        except BaseException as raised:  # noqa: BLE001 - it is raised again where it is awaited
            error = raised
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(told, result, error)

    threading.Thread(target=run, name="handler", daemon=True).start()
    return await done
