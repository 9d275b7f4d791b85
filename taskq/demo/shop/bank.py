"""The bogus gateway: a bank that knows three cards."""

from __future__ import annotations

import time

from taskq.demo.shop.vault import Card

# What asking a bank takes.
SECONDS = 0.3

ANSWERS = {"1": "charged", "2": "declined"}

# Shopify tells the buyer of the test cards 2 and 3 the same.
NO = "There was an issue processing your payment. Try again or use a different payment method."


def charge(card: Card) -> str:
    """Ask the bank, and give its answer: charged, declined or failed."""
    time.sleep(SECONDS)
    return ANSWERS.get(card.number, "failed")
