"""Looking what became of a payment whose answer did not come: read-only, until the window ends."""

from __future__ import annotations

import asyncio
from typing import Any

from taskq.browser.chromium import Chromium
from taskq.errors import NotSetUp
from taskq.models import Ending, Status, Task
from taskq.process import boot_ms
from taskq.registry import Handler, Result
from taskq.run import Run

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 10.0


async def look_for_order(
    run: Run[Any], handler: Handler[Any], chromium: Chromium, since_ms: int, window: float
) -> Result:
    """What the handler's `verify` finds; None if it finds nothing.

    It is asked at least once, and until *window* seconds after the intent (*since_ms*).
    """
    if handler.verify is None:
        return None
    await run.step("Looking for the order: the payment was sent, its answer did not come")
    pause = _FIRST_PAUSE
    while True:
        if result := await _look(run, handler, chromium):
            return result
        if boot_ms() - since_ms + pause * 1000 > window * 1000:
            return None
        # Nothing tells us when the shop has booked the order: look again, less and less often.
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
        run.alive()


async def _look(run: Run[Any], handler: Handler[Any], chromium: Chromium) -> Result:
    from playwright.async_api import Error

    assert handler.verify is not None
    try:
        async with chromium.page() as page:
            run.equip(page)
            return await handler.verify(run)
    except (Error, NotSetUp):
        return None  # not seen this time: that proves nothing, either way


def needs_review(task: Task) -> Ending:
    """The honest end of a task of which nobody knows whether it bought something."""
    shop = (task.intent or {}).get("shop", "the shop")
    said = (
        f"Needs review: a payment to {shop} was begun and no order was found. Look in your e-mail "
        f"and at your bank, then: taskq resolve {task.id} --done --reference ORDER "
        "(or: --not-done)"
    )
    return Ending(Status.FAILED, said, said)
