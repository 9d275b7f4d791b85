"""What a person may want to see afterwards: pictures, and the page a task failed on."""

from __future__ import annotations

from typing import Any

from taskq.run import Run

_PICTURE_MS = 5_000


async def picture(run: Run[Any], name: str, *, whole: bool = True) -> None:
    """Keep a picture of the page, or of what of it is in view, as `{name}.png` of the task.

    While a card is on the page, every frame and every field is covered.
    """
    page = run.page
    covered = [page.locator("iframe"), page.locator("input")] if run.card_is_on_page else []
    image = await page.screenshot(full_page=whole, mask=covered, timeout=_PICTURE_MS)
    run.left_behind(name, run.folder.write(f"{name}.png", image))


async def of_failure(run: Run[Any]) -> None:
    """Keep a picture and the HTML of the page a task failed on, as far as they can be had."""
    from playwright.async_api import Error

    try:
        await picture(run, "failure")
        html = await run.page.content()  # what was typed into fields is no part of it
        run.left_behind("page", run.folder.write("failure.html", html.encode()))
    except (Error, OSError):
        return  # the page is gone or the disk is full: the error itself matters more
