"""Where a page stands, and waiting until it stands elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from taskq.errors import TaskFailed

if TYPE_CHECKING:
    from playwright.async_api import Page


async def stands(page: Page, there: Callable[[str], bool]) -> None:
    """Wait until the page's address is *there*, however often a navigation fails on the way.

    Playwright's own waiting ends with the first navigation that is aborted, as one is by a second
    click, a download, or an answer without content.

    Raises:
        TaskFailed: the page was closed.
    """
    moved = asyncio.Event()

    def heard(_: object) -> None:
        moved.set()

    page.on("framenavigated", heard)
    page.on("close", heard)
    try:
        while not there(page.url):
            if page.is_closed():
                raise TaskFailed("the window was closed")
            await moved.wait()
            moved.clear()
    finally:
        page.remove_listener("framenavigated", heard)
        page.remove_listener("close", heard)
