"""What a shop puts before its pages: a waiting line, a question for humans, a password, a login.

A line is waited in, never jumped. A question for humans is for the person at the window, where
there is one (`--headed`); it is never answered here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskq.browser import moves
from taskq.browser.patience import in_time
from taskq.errors import TaskFailed
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Page, Response

LINE_SECONDS = 600.0
_AT_MOST = 5

_LINE = ("/throttle/queue",)
_CHALLENGE = ("/challenge", "/checkpoint")
_LOGIN = ("/account/login", "/customer_authentication", "/customer_identity", "/authentication")


async def through(run: Run[Any], url: str) -> Response | None:
    """Open *url* and come through what the shop puts before it; its answer, if it came at once.

    Raises:
        TaskFailed: there is no way through.
    """
    answer = await run.page.goto(url, wait_until="domcontentloaded")
    for _ in range(_AT_MOST):
        if _stands_at(run.page.url, _LINE):
            await _wait_in_line(run)
        elif _stands_at(run.page.url, _CHALLENGE):
            await _wait_for_person(run, partial(_moved_on, places=_CHALLENGE))
        elif answer is not None and _is_wall(answer):
            await _wait_for_person(run, _through_the_wall)
        else:
            break
        answer = None
    path = urlsplit(run.page.url).path
    if path.startswith("/password"):
        raise TaskFailed("the store is password protected")
    if path.startswith(_LOGIN):
        raise TaskFailed(
            "the store requires an account. Log in once, then order with --account NAME: "
            f"taskq login NAME --url {_origin(run.page.url)}{path}"
        )
    return answer


async def _wait_in_line(run: Run[Any]) -> None:
    """Keep the page open: it moves on by itself when it is our turn."""
    await run.step("Waiting in the store's line")
    if not await in_time(run, _moved_on(run.page, _LINE), LINE_SECONDS):
        raise TaskFailed(f"still in the store's waiting line after {LINE_SECONDS / 60:.0f} min")


async def _wait_for_person(run: Run[Any], answered: Callable[[Page], Awaitable[None]]) -> None:
    if not run.settings.headed:
        raise TaskFailed(
            "the store asks to verify that a human is buying; once more, with a window in which "
            "you answer it: taskq work --headed"
        )
    answering = asyncio.ensure_future(answered(run.page))  # it may be answered at once
    try:
        await run.page.bring_to_front()
        await run.step("Waiting for you: show the store in the window that you are human")
        is_answered = await in_time(run, answering, run.settings.person_seconds)
    finally:
        answering.cancel()
    if not is_answered:
        raise TaskFailed("nobody showed the store in time that a human is buying")


async def _moved_on(page: Page, places: tuple[str, ...]) -> None:
    """Wait until the page stands somewhere else than at *places*."""
    await moves.stands(page, lambda url: not _stands_at(url, places))
    await page.wait_for_load_state("domcontentloaded")


async def _through_the_wall(page: Page) -> None:
    """Wait until the same page comes without the wall before it."""

    def is_page(answer: Response) -> bool:
        request = answer.request
        is_own = request.is_navigation_request() and request.frame == page.main_frame
        return is_own and not _is_wall(answer)

    await page.wait_for_event("response", is_page, timeout=0)
    await page.wait_for_load_state("domcontentloaded")


def _is_wall(answer: Response) -> bool:
    """Whether it is Cloudflare's question instead of the shop's page."""
    return answer.headers.get("cf-mitigated") == "challenge"


def _stands_at(url: str, places: tuple[str, ...]) -> bool:
    return urlsplit(url).path.startswith(places)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
