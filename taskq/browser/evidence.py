"""What a person may want to see afterwards: pictures, and the page a task failed on."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from taskq.run import Run

_PICTURE_MS = 5_000


async def picture(run: Run[Any], name: str, *, whole: bool = True) -> None:
    """Keep a picture of the page, or of what of it is in view, as `{name}.png` of the task.

    While a card is on the page, every frame and every field is covered. A picture that cannot be
    had (a hanging page, a full disk) is no reason to fail, least of all after a payment.
    """
    from playwright.async_api import Error

    page = run.page
    covered = [page.locator("iframe"), page.locator("input")] if run.card_is_on_page else []
    with suppress(Error, OSError):
        image = await page.screenshot(full_page=whole, mask=covered, timeout=_PICTURE_MS)
        run.left_behind(name, run.folder.write(f"{name}.png", image))


async def of_failure(run: Run[Any]) -> None:
    """Keep a picture and the HTML of the page a task failed on, as far as they can be had.

    While a card is on the page its HTML is not kept: a page may write anywhere what was typed.
    """
    from playwright.async_api import Error

    await picture(run, "failure")
    if run.card_is_on_page:
        return
    with suppress(Error, OSError, TimeoutError):
        async with asyncio.timeout(_PICTURE_MS / 1000):
            html = await run.page.content()  # what was typed is no part of it
        run.left_behind("page", run.folder.write("failure.html", html.encode()))
