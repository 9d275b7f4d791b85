"""One Chromium for a worker: launched at the first task that needs a page, a context for each.

What can be done before there is a task, starting Playwright's driver, is done by `warm_up`.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

from taskq.browser.find import find
from taskq.errors import NotSetUp

if TYPE_CHECKING:
    from playwright.async_api import (
        Browser,
        Page,
        Playwright,
        StorageState,
        ViewportSize,
    )

_PAGE_SECONDS = 30
_CLOSE_SECONDS = 10
_VIEWPORT: ViewportSize = {"width": 1280, "height": 900}


class Chromium:
    """The browser of one worker; `page` launches it when it is not running (any more)."""

    def __init__(self, wanted: str | None, *, headed: bool = False) -> None:
        self._wanted = wanted
        self._headed = headed
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._starting = asyncio.Lock()
        self._launching = asyncio.Lock()

    async def lives(self) -> bool:
        """Whether the browser still answers; one that does not is given up."""
        from playwright.async_api import Error

        if self._browser is None:
            return False
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await (await self._browser.new_context()).close()
        except (Error, TimeoutError):
            self._give_up()
            return False
        return True

    @asynccontextmanager
    async def page(self, state: Mapping[str, Any] | None = None) -> AsyncIterator[Page]:
        """A page in a fresh context, which is closed afterwards whatever happens.

        *state* is what a saved login left in another.

        Raises:
            NotSetUp: the browser does not start, or cannot take *state*.
        """
        from playwright.async_api import Error

        browser = await self.launched()
        # A service worker could send the payment again where the one-POST guard cannot see it.
        try:
            context = await browser.new_context(
                service_workers="block",
                accept_downloads=False,
                viewport=_VIEWPORT,
                storage_state=cast("StorageState | None", state),
            )
        except Error:
            if state is None or not browser.is_connected():
                raise
            # What the browser says of a cookie may hold the cookie.
            raise NotSetUp(
                "The browser does not take this saved login. Log in anew: taskq login NAME"
            ) from None
        try:
            context.set_default_timeout(_PAGE_SECONDS * 1000)
            yield await context.new_page()
        finally:
            try:
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await context.close()
            except (Error, TimeoutError):
                self._give_up()

    def _give_up(self) -> None:
        """Launch another at the next task; the driver takes this one along when we are gone."""
        self._browser = self._playwright = None

    async def launched(self) -> Browser:
        """The running browser, launched if there is none.

        Raises:
            NotSetUp: there is none to launch, or it does not start.
        """
        async with self._launching:
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._launch()
            return self._browser

    async def warm_up(self) -> None:
        """Start what every launch needs first and takes longest: half a second saved later."""
        await self._driver()

    async def _driver(self) -> Playwright:
        async with self._starting:
            if self._playwright is None:
                playwright = await asyncio.to_thread(
                    importlib.import_module, "playwright.async_api"
                )
                with _own_session():
                    self._playwright = await playwright.async_playwright().start()
            return self._playwright

    async def _launch(self) -> Browser:
        found = find(self._wanted, headed=self._headed)
        playwright = await self._driver()
        from playwright.async_api import Error

        try:
            # Ctrl-C is for the worker, which may be paying just now: it decides what ends when.
            return await playwright.chromium.launch(
                executable_path=found.path,
                channel=found.channel,
                headless=not self._headed,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except Error as error:
            reason = error.message.strip().splitlines()[0]
            raise NotSetUp(
                f"The browser {found} does not start: {reason}. See: taskq doctor"
            ) from error

    async def close(self) -> None:
        """End browser and driver; what hangs ends with us."""
        from playwright.async_api import Error

        with suppress(Error, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                if self._browser is not None:
                    await self._browser.close()
                if self._playwright is not None:
                    await self._playwright.stop()


@contextmanager
def _own_session() -> Iterator[None]:
    """Start Playwright's driver outside our process group, where a Ctrl-C does not reach it.

    Playwright offers no option for it. The driver still ends with us: it reads from our pipe. It
    and its browser get none of our secrets, and no wish to write down what is typed (DEBUG).
    """
    create = asyncio.create_subprocess_exec

    async def apart(*command: Any, env: Mapping[str, str], **more: Any) -> Any:
        kept = {name: env[name] for name in env if not name.startswith(("TASKQ_", "DEBUG"))}
        return await create(*command, env=kept, start_new_session=True, **more)

    asyncio.create_subprocess_exec = cast("Any", apart)
    try:
        yield
    finally:
        asyncio.create_subprocess_exec = create
