"""What lies over a page, put aside as a person would: pressed away when it is in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

_PRESS_MS = 500
_IN_VAIN = 3
"""So often a way out of a page is tried: a chat's window may stay whatever is pressed."""


async def put_aside(page: Page, ways_out: Iterable[Locator]) -> None:
    """From now on one of *ways_out* that is seen when something is to be done is pressed first."""
    press = _presser()
    for way_out in ways_out:
        # Without waiting for it to be gone: what lies beneath another goes after that one.
        await page.add_locator_handler(way_out, press, no_wait_after=True)


async def leave_alone(page: Page, ways_out: Iterable[Locator]) -> None:
    """From now on nothing is put aside."""
    for way_out in ways_out:
        await page.remove_locator_handler(way_out)


def _presser() -> Callable[[Locator], Awaitable[None]]:
    """What presses a way out; one that stays all the same is left, and nothing ends the task."""
    in_vain: Counter[tuple[str, str]] = Counter()

    async def press(way_out: Locator) -> None:
        from playwright.async_api import Error

        try:
            place = urlsplit(way_out.page.url).path
            name = place, await way_out.evaluate("e => e.outerHTML", timeout=_PRESS_MS)
            if in_vain[name] < _IN_VAIN:
                await _press(way_out)
                in_vain[name] += await way_out.is_visible()
        except Error:
            return

    return press


async def _press(way_out: Locator) -> None:
    from playwright.async_api import Error

    try:
        await way_out.click(timeout=_PRESS_MS)
    except Error:
        # Beneath another one: its script hears of the click all the same.
        await way_out.dispatch_event("click", timeout=_PRESS_MS)
