"""The product page: what it offers, and choosing a variant of it as a person would."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from taskq.errors import TaskFailed
from taskq.handlers.shopify import gates, offer
from taskq.handlers.shopify.offer import Offer, Variant
from taskq.handlers.shopify.order import same_product
from taskq.handlers.shopify.patience import or_fail
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

_CHOSEN_MS = 5_000
_PICKED_MS = 2_000

# What a page tells of its product where the shop hides its data: the theme's own JSON, else the
# list of variants that older themes draw.
_ON_PAGE = """() => {
  for (const script of document.querySelectorAll('script[type="application/json"]')) {
    let data;
    try { data = JSON.parse(script.textContent) } catch { continue }
    const product = data?.product ?? data;
    if (Array.isArray(product?.variants) && product.title) return product;
  }
  const list = document.querySelector('form[action*="/cart/add"] select[name="id"]');
  if (!list) return null;
  const variants = [...list.options].filter(o => o.value).map(o => {
    const title = o.text.replace(/ - [^-]*$/, '').trim();
    return { id: o.value, title, options: title.split(' / '), available: !o.disabled };
  });
  return { title: document.querySelector('h1')?.textContent ?? document.title, variants,
    options: variants[0]?.options.map((_, n) => `option ${n + 1}`) ?? [] };
}"""


async def opened(run: Run[Any], url: str) -> Offer:
    """Open the product page; what it offers.

    Raises:
        TaskFailed: there is no way to it, or it is not a product's page.
    """
    page = run.page
    with or_fail("the product page did not load in 30 s"):
        answer = await gates.through(run, url)
        if answer is not None and answer.status == HTTPStatus.NOT_FOUND:
            raise TaskFailed("there is no such product (404)")
        try:
            same_product(url, page.url)
        except ValueError as error:
            raise TaskFailed(f"the shop sent us on to {page.url}: {error}") from None
        for data in (await _data(page), await page.evaluate(_ON_PAGE)):
            try:
                if data:
                    return offer.from_data(data)
            except (ValueError, KeyError, TypeError):
                continue
    raise TaskFailed("this does not look like a Shopify product page")


async def choose(page: Page, variant: Variant) -> None:
    """Choose *variant* with the page's own controls; by its address where the theme defeats that.

    Raises:
        TaskFailed: the page does not take the choice.
    """
    from playwright.async_api import Error
    from playwright.async_api import TimeoutError as GaveUp

    chosen = form_of(page, variant).locator("[name='id']").first
    if not variant.is_only_one:
        for value in variant.values:
            try:
                await _pick(page, value)
            except Error:
                break  # a theme that hides its controls, or moves them: see below
        await _pick_from_list(page, variant)
    try:
        await chosen.wait_for(state="attached", timeout=_CHOSEN_MS)
    except GaveUp:
        with or_fail(f"the page would not choose {variant.title}"):
            await page.goto(urlunsplit((*urlsplit(page.url)[:3], f"variant={variant.id}", "")))
            await chosen.wait_for(state="attached")


def form_of(page: Page, variant: Variant) -> Locator:
    """The cart form that would add *variant*: a page has others, for what others bought."""
    chosen = (
        f'[name="id"][value="{variant.id}"], [name="id"]:has(option[value="{variant.id}"]:checked)'
    )
    return page.locator('form[action*="/cart/add"]').filter(has=page.locator(chosen))


async def _data(page: Page) -> Any:
    """The product as the shop's own data; None where it hides it."""
    parts = urlsplit(page.url)
    answer = await page.request.get(f"{parts.scheme}://{parts.netloc}{parts.path}.js")
    try:
        return await answer.json() if answer.ok else None
    except ValueError:
        return None


async def _pick(page: Page, value: str) -> None:
    """Choose one option's value, however the theme draws it: select, radios, or buttons."""
    quoted = json.dumps(value)
    select = f"select[name^='options[']:has(option[value={quoted}])"
    radio = f"input[type=radio][value={quoted}]"
    control = page.locator(f"{select}, {radio}").first
    if await control.count():
        await _set(page, control, value)
        return
    by_data = f"[data-value={quoted}], [data-option-value={quoted}]"
    named = (
        f"button[title={quoted}], [role=radio][aria-label={quoted}], button[aria-label={quoted}]"
    )
    button = page.locator("main").locator(f"{by_data}, {named}, button:text-is({quoted})").first
    if await button.count():
        await button.click(timeout=_PICKED_MS)


async def _set(page: Page, control: Locator, value: str) -> None:
    drawn = await control.evaluate("e => ({tag: e.tagName, checked: e.checked, id: e.id})")
    if drawn["tag"] == "SELECT":
        await control.select_option(value=value, timeout=_PICKED_MS)
    elif not drawn["checked"]:
        # Its label: the radio itself is often clipped to a pixel.
        quoted = json.dumps(value)
        label = f"label[for={json.dumps(drawn['id'])}], label:has(input[value={quoted}])"
        await page.locator(label).first.click(timeout=_PICKED_MS)


async def _pick_from_list(page: Page, variant: Variant) -> None:
    """Choose from the one list of variants that older themes draw."""
    every = page.locator(f'select[name="id"]:has(option[value="{variant.id}"]):visible').first
    if await every.count():
        await every.select_option(value=str(variant.id))
