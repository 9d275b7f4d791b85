"""Product pages as different themes draw them, up to the cart, in a real browser."""

import pytest

from taskq.errors import TaskFailed
from taskq.handlers.shopify import cart, offer, product
from tests.conftest import HOODIE, MUG, TEE

pytestmark = pytest.mark.browser

JACKET, BOOT, SOCK = "hp-j210-033-4", "hp-b410-007-3", "hp-s510-001-9"


@pytest.fixture
def in_cart(buyer, shop):
    """Put it into the cart as the recipe does; what the cart then holds, and where the page is."""

    def put(handle, size=None, options=None, quantity=1):
        async def live(run):
            page = run.page
            offered = await product.opened(run, run.params.product_url)
            variant = offer.wanted(offered, size, options or {})
            await product.choose(page, variant)
            await cart.add(page, variant, quantity)
            held = await (await page.request.get(f"{shop.url}/cart.js")).json()
            lines = [(line["variant_title"], line["quantity"]) for line in held["items"]]
            return lines, page.url

        return buyer.at(shop.product_url(handle), live)

    return put


@pytest.mark.parametrize(
    ("handle", "size", "options", "title"),
    [
        pytest.param(HOODIE, "L", {}, "Large", id="pills"),
        pytest.param(TEE, "medium", {}, "M", id="a select"),
        pytest.param(MUG, None, {}, None, id="nothing to choose"),
        pytest.param(JACKET, "L", {"color": "ink"}, "Ink / Large", id="swatches and pills"),
        pytest.param(
            BOOT, "42", {"Couleur": "Black"}, "Black / US 9 / EU 42", id="buttons driven by script"
        ),
        pytest.param(SOCK, "L", {"option 2": "Moss"}, "Large / Moss", id="one list of variants"),
    ],
)
def test_each_theme_puts_the_right_variant_into_the_cart(in_cart, handle, size, options, title):
    lines, _ = in_cart(handle, size, options)

    assert lines == [(title, 1)]


def test_a_choice_that_stands_already_is_left_standing(in_cart):
    lines, url = in_cart(HOODIE, "Small")

    assert lines == [("Small", 1)]
    assert "variant=" not in url


def test_so_many_are_put_into_the_cart_as_were_asked_for(in_cart):
    assert in_cart(HOODIE, "Medium", quantity=3)[0] == [("Medium", 3)]


def test_more_than_the_shop_has_is_refused_in_its_own_words(in_cart):
    with pytest.raises(TaskFailed, match="Only 5 items were added to your cart"):
        in_cart(HOODIE, "Small", quantity=6)


def test_a_theme_that_defeats_its_own_controls_is_led_by_the_address(in_cart, monkeypatch):
    async def nothing(*_):
        pass

    monkeypatch.setattr(product, "_pick", nothing)
    monkeypatch.setattr(product, "_CHOSEN_MS", 300)
    lines, url = in_cart(HOODIE, "Large")

    assert lines == [("Large", 1)]
    assert "variant=" in url
