"""What the shop's desks share behind their counters."""

from __future__ import annotations

from dataclasses import dataclass

from taskq.demo.shop.catalog import Catalog
from taskq.demo.shop.checkout import Checkout
from taskq.demo.shop.habits import Habits
from taskq.demo.shop.sessions import Sessions
from taskq.demo.shop.vault import Vault


@dataclass(frozen=True)
class Backroom:
    """One shop's goods, visitors, card vault and habits."""

    catalog: Catalog
    sessions: Sessions
    vault: Vault
    habits: Habits

    def reprice(self, checkout: Checkout) -> None:
        """Let an unpaid checkout know today's prices; never while it is being paid."""
        if not checkout.paying.acquire(blocking=False):
            return
        try:
            if checkout.receipt is None:
                checkout.lines = self.catalog.current(checkout.lines)
        finally:
            checkout.paying.release()

    def renew_card_session(self, checkout: Checkout) -> None:
        """Forget the card that was typed; empty frames begin anew."""
        self.vault.forget(checkout.card_session)
        checkout.card_session = self.vault.open()
