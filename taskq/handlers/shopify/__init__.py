"""Ordering one product from a Shopify store, in the eight documented steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskq.browser import evidence, guard, trace
from taskq.errors import TaskFailed
from taskq.handlers.shopify import (
    address,
    card,
    cart,
    checkout,
    nuisances,
    offer,
    payment,
    product,
    shipping,
    summary,
)
from taskq.handlers.shopify.order import ShopifyOrder, identity, lane, words
from taskq.plan import STARTED_STEP, Step
from taskq.registry import Handler, Result
from taskq.run import Run

if TYPE_CHECKING:
    from playwright.async_api import Page

    from taskq.handlers.shopify.money import Money
    from taskq.profiles import Profile

# The seconds are the document's own.
OPEN_PRODUCT = Step("Opening product page", usually=1.111111)
SELECT_SIZE = Step("Selecting size: {size}", usually=3.111111)
ADD_TO_CART = Step("Adding product to cart", usually=5.111101)
GO_TO_CHECKOUT = Step("Navigating to checkout", usually=5.111011)
FILL_SHIPPING = Step("Filling shipping information", usually=5.110111)
PROCESS_PAYMENT = Step("Processing payment", usually=5.101111, once=True)
ORDER_PLACED = Step("Order placed successfully", 0, otherwise="Checkout failed: {error}")


async def place_order(run: Run[ShopifyOrder]) -> Result:
    """Order one product as a careful person would; at most one payment, whatever happens."""
    page, wanted = run.page, run.params

    await trace.begin(run)
    await run.step(OPEN_PRODUCT)
    await nuisances.put_aside(page)
    offered = await product.opened(run, wanted.product_url)

    await run.step(SELECT_SIZE)
    variant = offer.wanted(offered, wanted.size, wanted.option)
    await product.choose(page, variant)

    await run.step(ADD_TO_CART)
    held = await cart.add(page, variant, wanted.quantity)

    await run.step(GO_TO_CHECKOUT)
    await guard.arm(page)
    await checkout.opened(run)

    await run.step(FILL_SHIPPING)
    await address.fill(page, run.profile)
    total = await to_payment(page, run.profile, wanted.shipping)
    await summary.check(page, held)
    limit = wanted.max_price or run.profile.max_price
    if limit is not None and total.amount > limit:
        raise TaskFailed(f"total {total} is above the limit of {limit}; nothing was paid")
    await evidence.picture(run, "order-summary", whole=False)
    if wanted.dry_run:
        return {"dry_run": True, "closing": f"Dry run: nothing was bought, total {total}"}

    await card.fill(run)
    return await payment.pay(run, PROCESS_PAYMENT, total)


async def to_payment(page: Page, profile: Profile, way: str | None) -> Money:
    """Go on to where the payment is: on this page, or two pages further; what it comes to."""
    await address.check(page, profile)
    await checkout.go_on(page)
    await checkout.settled(page)
    await shipping.choose(page, way)
    await checkout.go_on(page)
    total = await checkout.total(page)
    await address.check(page, profile)
    await address.decline(page)
    return total


SHOPIFY = Handler(
    task_type="shopify_order",
    command="shopify",
    address="/shopify/order",
    params=ShopifyOrder,
    plan=(
        STARTED_STEP,
        OPEN_PRODUCT,
        SELECT_SIZE,
        ADD_TO_CART,
        GO_TO_CHECKOUT,
        FILL_SHIPPING,
        PROCESS_PAYMENT,
        ORDER_PLACED,
    ),
    run=place_order,
    verify=payment.find_order,
    identity=identity,
    lane=lane,
    words=words,
    needs=frozenset({"page", "profile", "card"}),
)
