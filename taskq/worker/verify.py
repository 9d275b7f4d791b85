"""Looking what became of a payment whose answer did not come: read-only, until the window ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TYPE_CHECKING, Any

from taskq.errors import Declined, LeaseLost, StoreFailed
from taskq.process import boot_ms
from taskq.registry import Handler, Result
from taskq.run import Run
from taskq.tasks import needs
from taskq.worker import endings

if TYPE_CHECKING:
    from playwright.async_api import Page

OpenPage = Callable[[], "AbstractAsyncContextManager[Page]"]

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 10.0
_LOOK_SECONDS = 60.0


async def look_for_order(
    run: Run[Any], handler: Handler[Any], open_page: OpenPage, since_ms: int, window: float
) -> Result:
    """What the handler's `verify` finds; None if it finds nothing.

    It is asked at least once, and until *window* seconds after the intent (*since_ms*).

    Raises:
        Declined: there is none, and there never will be.
    """
    if handler.verify is None:
        return None
    act, proof = endings.kind(run.task)
    await run.step(f"Looking for the {proof}: nobody saw how the {act} ended")
    pause = _FIRST_PAUSE
    while True:
        left = window - (boot_ms() - since_ms) / 1000
        if result := await _look(run, handler, open_page, max(left, _LOOK_SECONDS)):
            return result
        left = window - (boot_ms() - since_ms) / 1000
        if left <= 0:
            return None
        # Nothing tells us when the shop has booked the order: look again, less and less often.
        await asyncio.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)
        run.alive()


async def _look(
    run: Run[Any], handler: Handler[Any], open_page: OpenPage, seconds: float
) -> Result:
    """Look once, for so many seconds at most; with all that the handler needs but the card."""
    assert handler.verify is not None
    try:
        async with asyncio.timeout(seconds), AsyncExitStack() as stack:
            page = None
            if "page" in handler.needs:
                page = await stack.enter_async_context(open_page())
            run.equip(page, needs.who(handler, run.params, run.settings))
            return await handler.verify(run)
    except (LeaseLost, StoreFailed, Declined):
        raise
    except Exception:  # noqa: BLE001 - not seen this time: that proves nothing, either way
        return None
