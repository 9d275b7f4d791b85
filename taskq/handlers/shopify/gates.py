"""What a shop puts before its pages: a waiting line, a question for humans, a password, a login.

A line is waited in, never jumped. A question for humans is for the person at the window, where
there is one (`--headed`); it is never answered here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from taskq.errors import TaskFailed
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Page, Response

T = TypeVar("T")

LINE_SECONDS = 600.0
_ALIVE_EVERY = 15.0
_AT_MOST = 5

_LINE = ("/throttle/queue",)
_CHALLENGE = ("/challenge", "/checkpoint")
_LOGIN = ("/account/login", "/customer_authentication")


async def through(run: Run[Any], url: str) -> Response | None:
    """Open *url* and come through what the shop puts before it; the page's own answer.

    Raises:
        TaskFailed: there is no way through.
    """
    answer = await run.page.goto(url, wait_until="domcontentloaded")
    for _ in range(_AT_MOST):
        if _stands_at(run.page.url, _LINE):
            answer = await _wait_in_line(run)
        elif _asks_for_a_human(run.page.url, answer):
            answer = await _wait_for_person(run)
        else:
            break
    path = urlsplit(run.page.url).path
    if path.startswith("/password"):
        raise TaskFailed("the store is password protected")
    if path.startswith(_LOGIN):
        raise TaskFailed(
            "the store requires an account. Log in once, then order with --account NAME: "
            f"taskq login NAME --url {_origin(run.page.url)}{path}"
        )
    return answer


async def person(run: Run[Any], doing: str, until: Awaitable[T]) -> T | None:
    """Ask the person at the window for *doing* and wait for it; None if nobody did it in time."""
    await run.page.bring_to_front()
    await run.step(f"Waiting for you: {doing}")
    return await in_time(run, until, run.settings.person_seconds)


async def in_time(run: Run[Any], waited: Awaitable[T], seconds: float) -> T | None:
    """Wait for *waited* with signs of life; None if it does not come in so many seconds."""
    waiting = asyncio.ensure_future(waited)
    try:
        async with asyncio.timeout(seconds):
            while not waiting.done():
                await asyncio.wait([waiting], timeout=_ALIVE_EVERY)
                run.alive()
        return waiting.result()
    except TimeoutError:
        return None
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def _wait_in_line(run: Run[Any]) -> Response:
    """Keep the page open: it moves on by itself when it is our turn."""
    await run.step("Waiting in the store's line")
    answer = await in_time(run, _next_page(run.page, _LINE), LINE_SECONDS)
    if answer is None:
        raise TaskFailed(f"still in the store's waiting line after {LINE_SECONDS / 60:.0f} min")
    return answer


async def _wait_for_person(run: Run[Any]) -> Response:
    if not run.settings.headed:
        raise TaskFailed(
            "the store asks to verify that a human is buying; answer it at a window of your own: "
            "taskq work --headed"
        )
    next_page = _next_page(run.page, _CHALLENGE)
    answer = await person(run, "show the store in the window that you are human", next_page)
    if answer is None:
        raise TaskFailed("nobody showed the store in time that a human is buying")
    return answer


async def _next_page(page: Page, places: tuple[str, ...]) -> Response:
    """Wait until the page has gone on from *places*; the answer of where it is then."""

    def is_next(answer: Response) -> bool:
        request = answer.request
        is_page = request.is_navigation_request() and request.frame == page.main_frame
        is_redirect = HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST
        return (
            is_page
            and not is_redirect
            and not _stands_at(answer.url, places)
            and not _asks_for_a_human("", answer)
        )

    answer: Response = await page.wait_for_event("response", is_next, timeout=0)
    await page.wait_for_load_state("domcontentloaded")
    return answer


def _asks_for_a_human(url: str, answer: Response | None) -> bool:
    wall = answer is not None and answer.headers.get("cf-mitigated") == "challenge"
    return wall or _stands_at(url, _CHALLENGE)


def _stands_at(url: str, places: tuple[str, ...]) -> bool:
    return urlsplit(url).path.startswith(places)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
