"""Logging in at a window, as far as it can be seen without a person."""

import asyncio

import pytest

from taskq.browser.chromium import Chromium
from taskq.browser.login import at_a_window, is_logged_in
from taskq.errors import NotSetUp

pytestmark = pytest.mark.browser


def at_the_window(site, act):
    """Log in at the site and do *act* to the browser then; what is kept, and where."""

    async def live():
        chromium = Chromium(None)
        try:
            login = asyncio.ensure_future(
                at_a_window(chromium, f"{site.url}/login", None, asyncio.Event())
            )
            browser = await chromium.launched()
            while len(site.tokens) < 2:
                assert not login.done()
                await asyncio.sleep(0.02)
            (page,) = browser.contexts[0].pages
            await page.wait_for_url("**/account")
            await act(browser, page)
            return await login
        finally:
            await chromium.close()

    return asyncio.run(live())


def test_closing_the_window_ends_the_login_and_loses_nothing(site):
    site.opens = True
    state, url = at_the_window(site, lambda _, page: page.close())

    assert url == f"{site.url}/account"
    assert state["cookies"][0]["value"] == site.tokens[-1]
    assert state["origins"][0]["localStorage"] == [{"name": "kept", "value": site.tokens[0]}]


def test_a_window_opened_by_the_first_keeps_the_login_open(site):
    site.opens = True

    async def go_on_in_another(_, page):
        async with page.expect_popup() as opened:
            await page.evaluate("window.open('/account')")
        await (await opened.value).wait_for_load_state()
        await page.close()
        await (await opened.value).reload()
        await (await opened.value).close()

    state, _ = at_the_window(site, go_on_in_another)

    assert len(site.tokens) == 4
    assert state["cookies"][0]["value"] == site.tokens[-1]


def test_a_browser_that_is_gone_is_said_to_be(site):
    site.opens = True

    with pytest.raises(NotSetUp, match="press Enter"):
        at_the_window(site, lambda browser, _: browser.close())


def test_a_login_the_browser_cannot_take_is_a_sentence_without_the_cookie(site):
    cookie = {"name": "sid", "value": "canary", "domain": "no domain", "path": "nowhere"}

    async def live():
        chromium = Chromium(None)
        try:
            async with chromium.page({"cookies": [cookie], "origins": []}) as page:
                return await is_logged_in(page, site.url)
        finally:
            await chromium.close()

    with pytest.raises(NotSetUp, match="taskq login NAME") as refused:
        asyncio.run(live())
    assert "canary" not in str(refused.value)
