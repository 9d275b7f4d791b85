"""Choosing one of several, as a person does: by its label, which often lies over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskq.errors import TaskFailed

if TYPE_CHECKING:
    from playwright.async_api import Locator


async def choose(radio: Locator) -> None:
    """Choose *radio*, if it is not chosen, and see that it is.

    Raises:
        TaskFailed: the page does not take the choice.
        playwright's TimeoutError: it cannot be reached.
    """
    if await radio.is_checked():
        return
    drawn = (await radio.evaluate_handle("e => e.labels?.[0] ?? e")).as_element()
    if drawn is None:
        raise TaskFailed("the page changed while something was chosen on it")
    await drawn.click()
    await radio.and_(radio.page.locator(":checked")).wait_for(state="attached")
