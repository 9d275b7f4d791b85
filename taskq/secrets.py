"""Cards: read from the worker's environment, shown masked, kept nowhere."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from pydantic import SecretStr

from taskq.errors import NotSetUp

CARD_VARIABLES = {
    "number": "TASKQ_CARD_NUMBER",
    "expiry": "TASKQ_CARD_EXPIRY",
    "cvc": "TASKQ_CARD_CVC",
    "name": "TASKQ_CARD_NAME",
}


@dataclass(frozen=True)
class Card:
    """A payment card; every field but the masked number stays secret in any output."""

    number: SecretStr
    expiry: SecretStr
    cvc: SecretStr
    name: SecretStr

    @property
    def masked(self) -> str:
        """What may be shown of it: `•••• 4242`; nothing of a number too short to mask."""
        digits = self.number.get_secret_value()
        return f"•••• {digits[-4:]}" if len(digits) > 8 else "••••"  # noqa: PLR2004 - half at most

    def hidden_in(self, text: str) -> str:
        """*text* with this card's number and code made unreadable, should they be in it."""
        digits = self.number.get_secret_value()
        if len(digits) > 8:  # noqa: PLR2004 - a test gateway's "1" is no secret
            text = re.sub("[ -]?".join(map(re.escape, digits)), self.masked, text)
        code = re.escape(self.cvc.get_secret_value())
        return re.sub(rf"(?<![\w.,]){code}(?![\w.,])", "•••", text)


def card_of(profile: str, default_profile: str) -> Card | None:
    """The card of *profile*: the environment's is the card of *default_profile* alone.

    Raises:
        NotSetUp: the environment holds a part of a card.
    """
    if profile != default_profile:
        return None
    given = {field: os.environ.get(name, "") for field, name in CARD_VARIABLES.items()}
    missing = [CARD_VARIABLES[field] for field, value in given.items() if not value.strip()]
    if len(missing) == len(given):
        return None
    if missing:
        raise NotSetUp(f"The card is not complete. Set as well: export {'=… '.join(missing)}=…")
    number = given.pop("number").replace(" ", "").replace("-", "")
    return Card(
        SecretStr(number), **{name: SecretStr(text.strip()) for name, text in given.items()}
    )
