"""Cards: given in the worker's environment or kept for a profile; shown masked alone."""

from __future__ import annotations

import os

from taskq.errors import NotSetUp
from taskq.secrets import kept
from taskq.secrets.card import Card, made, parse

__all__ = ["CARD_VARIABLES", "Card", "card_of", "parse"]

CARD_VARIABLES = {
    "number": "TASKQ_CARD_NUMBER",
    "expiry": "TASKQ_CARD_EXPIRY",
    "cvc": "TASKQ_CARD_CVC",
    "name": "TASKQ_CARD_NAME",
}


def card_of(profile: str, default_profile: str) -> Card | None:
    """The card of *profile*: the environment's, which is *default_profile*'s alone, or a kept one.

    Raises:
        NotSetUp: the environment holds a part of a card, or the kept one cannot be used.
    """
    if profile == default_profile and (given := _in_environment()):
        return made(given)
    return kept.find(profile)


def _in_environment() -> dict[str, str] | None:
    """The card's fields, if the environment has them.

    Raises:
        NotSetUp: it has a part of them.
    """
    given = {field: os.environ.get(name, "") for field, name in CARD_VARIABLES.items()}
    missing = [CARD_VARIABLES[field] for field, value in given.items() if not value.strip()]
    if len(missing) == len(given):
        return None
    if missing:
        raise NotSetUp(f"The card is not complete. Set as well: export {'=… '.join(missing)}=…")
    return given
