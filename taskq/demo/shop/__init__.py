"""The demo shop: a small Shopify-like shop on loopback, with a bogus bank and an honest ledger."""

from taskq.demo.shop.checkout import Checkout, Receipt
from taskq.demo.shop.habits import Habits
from taskq.demo.shop.shop import Shop
from taskq.demo.shop.vault import Card
from taskq.demo.web import Request

__all__ = ["Card", "Checkout", "Habits", "Receipt", "Request", "Shop"]
