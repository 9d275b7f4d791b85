"""Pages that would mislead a careless buyer, one trick each."""

import asyncio

import pytest

from taskq.browser import evidence, guard
from taskq.errors import TaskFailed
from taskq.handlers.shopify import address, card, checkout, place_order, to_payment
from tests.conftest import HOODIE

pytestmark = pytest.mark.browser

INSERT = "html => document.querySelector('form').insertAdjacentHTML('afterbegin', html)"


@pytest.fixture
def order_with(buyer, shop_that):
    """Order from a shop whose pages run this script as soon as they are there."""

    def order(script, **habits):
        async def live(run):
            await run.page.add_init_script(
                f"addEventListener('DOMContentLoaded', () => {{ {script} }})"
            )
            return await place_order(run)

        return buyer.at(shop_that(**habits).product_url(HOODIE), live, size="Medium")

    return order


def test_a_button_above_the_one_that_leads_on_is_not_pressed(at_checkout, shop_that, ledger):
    async def live(run, _):
        await address.fill(run.page, run.profile)
        await run.page.evaluate(INSERT, "<button onclick='window.paid = true'>Shop Pay</button>")
        await checkout.go_on(run.page)
        return run.page.url

    assert "step=shipping_method" in at_checkout(live, at=shop_that(steps="three"))


@pytest.mark.parametrize(
    ("trick", "said"),
    [
        (
            "b.id = ''; b.insertAdjacentHTML('beforebegin', '<button type=submit>Pay</button>')",
            "which",
        ),
        ("b.textContent = 'Complete order'", "would pay too early"),
        ("b.insertAdjacentHTML('afterend', '<i id=checkout-pay-button>')", "would pay too early"),
    ],
)
def test_a_button_that_may_pay_is_not_taken_for_one_that_leads_on(
    at_checkout, shop_that, ledger, trick, said
):
    async def live(run, _):
        await address.fill(run.page, run.profile)
        await run.page.evaluate(f"const b = document.querySelector('#continue_button'); {trick}")
        with pytest.raises(TaskFailed, match=said):
            await checkout.go_on(run.page)
        return run.page.url

    assert "step=contact_information" in at_checkout(live, at=shop_that(steps="three"))


def test_a_link_in_a_dialog_is_not_followed(order_with, ledger):
    order_with(
        """document.body.insertAdjacentHTML('beforeend', `
          <div role=dialog style="position:fixed;bottom:0;left:0">
            <a href="/collections/all" aria-label="Shop the closet">sale</a>
            <a role=button href="/collections/all" aria-label="Close">x</a></div>`)"""
    )

    assert len(ledger.charges()) == 1


def test_a_chat_that_stays_whatever_is_pressed_is_let_be(buyer, shop, ledger):
    chat = """addEventListener('DOMContentLoaded', () => document.body.insertAdjacentHTML(
      'beforeend', `<div role=dialog style="position:fixed;bottom:0;right:0">
      <button aria-label="Close chat" onclick="sessionStorage.n = 1 + +(sessionStorage.n ?? 0)">
      x</button></div>`))"""

    async def live(run):
        await run.page.add_init_script(chat)
        await place_order(run)
        return await run.page.evaluate("sessionStorage.n")

    assert buyer.at(shop.product_url(HOODIE), live, size="Medium") == "6"  # 3 on each page
    assert len(ledger.charges()) == 1


def test_of_two_dialogs_the_one_beneath_is_closed_as_well(order_with, ledger):
    order_with(
        """for (const z of [10, 20]) document.body.insertAdjacentHTML('beforeend', `
          <div role=dialog style="position:fixed;inset:0;background:#fffc;z-index:${z}">
            <button aria-label="Close" onclick="this.parentElement.remove()">x</button></div>`)"""
    )

    assert len(ledger.charges()) == 1


def test_no_card_is_handed_out_while_a_trace_would_show_it(at_checkout):
    async def live(run, _):
        run.traces = True  # though none was begun: it cannot be ended either
        with pytest.raises(RuntimeError, match="end it before the card is typed"):
            _ = run.card
        await card.fill(run)

    with pytest.raises(TaskFailed, match="the trace could not be ended; the card was not typed"):
        at_checkout(live)


@pytest.mark.parametrize("steps", ["one", "three"])
def test_an_address_that_the_page_changes_is_seen(order_with, ledger, steps):
    with pytest.raises(TaskFailed, match="changed New York to Duluth; nothing was paid"):
        order_with(
            """document.addEventListener('change', ({ target }) => {
              if (target.autocomplete !== 'shipping postal-code') return;
              document.querySelector('[autocomplete="shipping address-level2"]').value = 'Duluth';
            })""",
            steps=steps,
        )
    assert ledger.charges() == []


def test_a_summary_that_shows_more_than_was_asked_for_is_seen(order_with, ledger):
    with pytest.raises(TaskFailed, match="holds 2 of it, not 1; nothing was paid"):
        order_with("const q = document.querySelector('.item__quantity'); if (q) q.innerText = '2'")
    assert ledger.lines() == []


def test_a_total_that_rises_before_the_press_is_seen(buyer, shop, ledger):
    async def live(run):
        ordering = asyncio.ensure_future(place_order(run))
        async with asyncio.timeout(40):
            while "order-summary" not in run.artifacts:
                await asyncio.wait([ordering], timeout=0.01)
        await run.page.evaluate("document.querySelector('.cost-total').innerText = '$199.00'")
        return await ordering

    with pytest.raises(TaskFailed, match=r"changed from 164\.96 USD to 199\.00 USD; nothing was"):
        buyer.at(shop.product_url(HOODIE), live, size="Medium")
    assert ledger.lines() == []


def test_what_the_checkout_sends_is_watched_before_it_loads(buyer, shop, monkeypatch):
    seen = []

    async def arm(page):
        seen.append(page.url)
        raise TaskFailed("seen")

    monkeypatch.setattr(guard, "arm", arm)
    with pytest.raises(TaskFailed, match="seen"):
        buyer.order(shop.product_url(HOODIE))

    assert "/products/" in seen[0]


def test_what_a_later_page_ticks_by_itself_is_unticked_as_well(at_checkout, shop_that):
    async def live(run, _):
        await run.page.add_init_script(
            """addEventListener('DOMContentLoaded', () => {
              const box = '<input type=checkbox name=RememberMe checked>';
              document.querySelector('form')?.insertAdjacentHTML('afterbegin', box);
            })"""
        )
        await address.fill(run.page, run.profile)
        await to_payment(run.page, run.profile, None)
        return await run.page.locator("[name=RememberMe]").is_checked()

    assert at_checkout(live, at=shop_that(steps="three")) is False


def test_a_picture_that_hangs_on_the_thank_you_page_is_not_waited_for(buyer, shop, ledger):
    async def live(run):
        async def hang(route):
            if "/thank-you" not in route.request.frame.url:
                await route.fallback()

        await run.page.route("**/*.svg", hang)
        return await place_order(run)

    assert buyer.at(shop.product_url(HOODIE), live, size="Medium")["order"] == "1001"


async def _another_card_host(route):
    await route.fulfill(content_type="text/html", body="<input name=number>")


def test_a_card_field_of_somebody_else_gets_no_card(at_checkout):
    async def live(run, _):
        page = run.page
        await page.route("https://cards.example/**", _another_card_host)
        frame = page.locator('iframe[name^="card-fields-number-"]')
        async with page.expect_event("framenavigated", lambda f: "cards.example" in f.url):
            await frame.evaluate("frame => { frame.src = 'https://cards.example/number' }")
        with pytest.raises(TaskFailed, match="not Shopify's own; the card was not typed"):
            await card.fill(run)

    at_checkout(live)


def test_a_picture_with_a_card_on_the_page_covers_every_frame_and_field(at_checkout):
    pixel = """async ({ image, x, y }) => {
      const picture = await createImageBitmap(await (await fetch(image)).blob());
      const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
      context.drawImage(picture, 0, 0);
      return [...context.getImageData(x, y, 1, 1).data];
    }"""

    async def live(run, _):
        import base64

        page = run.page
        await card.fill(run)
        frame = page.locator('iframe[name^="card-fields-number-"]')
        await frame.scroll_into_view_if_needed()
        box = await frame.bounding_box()
        await evidence.picture(run, "failure", whole=False)
        shot = base64.b64encode((run.folder.path / "failure.png").read_bytes()).decode()
        middle = {"x": int(box["x"] + box["width"] / 2), "y": int(box["y"] + box["height"] / 2)}
        return await page.evaluate(pixel, {"image": f"data:image/png;base64,{shot}", **middle})

    assert at_checkout(live) == [255, 0, 255, 255]
