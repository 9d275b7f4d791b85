"""The order as a careful hand would script it with Playwright alone: what bench/order.py compares.

    python bench/by_hand.py URL FOLDER

The same clicks, looks, guards and captures as the recipe's, without a queue. Warm, it reads a line
with a number from stdin and does so many orders at once; it prints their seconds as JSON.
"""

import asyncio
import json
import os
import re
import sys
import time
from pathlib import Path
from urllib.parse import urljoin

from playwright.async_api import async_playwright

from taskq.browser.find import find

SIZE, TOTAL = "Medium", 164.96
CARD = {"number": "1", "expiry": "12/39", "verification_value": "123", "name": "Ada Lovelace"}
ADDRESS = {
    "email": "ada@example.com",
    "given-name": "Ada",
    "family-name": "Lovelace",
    "address-line1": "12 Analytical Row",
    "address-level2": "New York",
    "postal-code": "10001",
    "tel": "+1 212 555 0142",
}


async def main(url, folder):
    async with async_playwright() as playwright:
        found = find(os.environ.get("TASKQ_BROWSER"))
        browser = await playwright.chromium.launch(
            executable_path=found.path, channel=found.channel
        )
        print("ready", flush=True)
        lines = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            many = (order(browser, url, folder / str(n)) for n in range(int(line)))
            print(json.dumps(await asyncio.gather(*many)), flush=True)
        await browser.close()


async def order(browser, url, folder):
    began = time.monotonic()
    folder.mkdir(exist_ok=True)
    context = await browser.new_context(
        service_workers="block", viewport={"width": 1280, "height": 900}
    )
    page = await context.new_page()
    await to_cart(page, url)
    await context.route(re.compile("never:^"), lambda route: route.fallback())
    await to_payment(page)
    await page.screenshot(path=folder / "order-summary.png")
    await pay(page, folder)
    await page.screenshot(path=folder / "thank-you.png")
    assert "Order #" in await page.locator("body").inner_text()
    took = time.monotonic() - began
    await context.close()
    return took


async def to_cart(page, url):
    await page.goto(url, wait_until="domcontentloaded")
    product = await (await page.request.get(f"{url}.js")).json()
    variant = next(v for v in product["variants"] if v["title"] == SIZE)
    assert variant["available"]
    form = page.locator('form[action="/cart/add"]').filter(
        has=page.locator(f'[name=id][value="{variant["id"]}"]')
    )
    await page.locator(f'label:has-text("{SIZE}")').first.click()
    await form.wait_for(state="attached")
    async with page.expect_response(lambda answer: "/cart/add" in answer.url):
        await form.locator("[name=add]").click()
    cart = await (await page.request.get(urljoin(url, "/cart.js"))).json()
    assert [(i["variant_id"], i["quantity"]) for i in cart["items"]] == [(variant["id"], 1)]


async def to_payment(page):
    await page.goto(urljoin(page.url, "/checkout"), wait_until="domcontentloaded")
    await field(page, "country").select_option("US")
    for name, text in ADDRESS.items():
        await field(page, name).fill(text)
    await field(page, "address-level1").select_option("NY")
    await page.keyboard.press("Tab")
    await page.locator("#marketing_opt_in").uncheck()
    await page.locator("#shipping_methods").wait_for()
    assert await total(page) == TOTAL
    assert await field(page, "address-level2").input_value() == "New York"
    bought = await page.get_by_role("table").first.inner_text()
    assert "Lookout Hoodie" in bought
    assert SIZE in bought


async def pay(page, folder):
    for name, text in CARD.items():
        frame = page.frame_locator(f'iframe[name^="card-fields-{name}-"]').first
        await frame.locator(f'input[name="{name}"]').fill(text)
    await asyncio.sleep(0.5)  # the frames hand their values on unseen
    kept = {"checkout": page.url, "cookies": await page.context.cookies()}
    (folder / "verify.json").write_text(json.dumps(kept))
    button = page.locator("#checkout-pay-button")
    await button.click(trial=True)
    assert await total(page) == TOTAL
    await page.context.route("**/*", once)
    await page.evaluate("fetch('/', {method: 'HEAD'})")
    await button.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/thank-you"))


async def once(route):
    """Send what pays once, past Chromium's own retry."""
    if route.request.method == "GET":
        await route.fallback()
    else:
        await route.fulfill(response=await route.fetch(max_retries=0, max_redirects=0))


def field(page, name):
    return page.locator(f'[autocomplete="shipping {name}"]:not([aria-hidden=true])')


async def total(page):
    """The total when it has read the same three times."""
    readings = []
    while len(readings) < 3 or len(set(readings[-3:])) > 1:
        readings.append(await page.locator("[role=row].total [role=cell]").last.inner_text())
        await asyncio.sleep(0.05)
    return float(re.sub(r"[^\d.]", "", readings[-1]))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
