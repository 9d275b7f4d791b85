"""What a site makes of a saved login while a task uses it: kept for the next one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

from taskq import sessions
from taskq.browser.login import state_of
from taskq.errors import LeaseLost, LoggedOut
from taskq.sessions import Login
from taskq.settings import config_dir

if TYPE_CHECKING:
    from playwright.async_api import Page


@asynccontextmanager
async def kept(
    login: Login | None,
    page: Page | None,
    is_ours: Callable[[], bool],
    uncut: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> AsyncIterator[None]:
    """Keep what became of *login* in *page*, however the work within ends, while it *is_ours*.

    What the work gave must not get lost over it: in *uncut* nobody cancels us.

    A site may renew its cookies at any page, and refuse the old ones from then on. So this comes
    before the last word of the attempt: after it another may use the login.
    """
    try:
        yield
    except (LeaseLost, LoggedOut):
        raise
    except BaseException:
        with uncut():
            await _keep(login, page, is_ours)
        raise
    with uncut():
        await _keep(login, page, is_ours)


async def _keep(login: Login | None, page: Page | None, is_ours: Callable[[], bool]) -> None:
    if login is None or page is None:
        return
    from playwright.async_api import Error

    try:
        state = await state_of(page)
        if is_ours():
            sessions.renew(login, state, config_dir())
    except (Error, TimeoutError, OSError):
        return  # the browser is gone, or the disk full: the older one stays, and may still do
