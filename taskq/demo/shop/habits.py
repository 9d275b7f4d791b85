"""How a shop treats its visitors: what a merchant's theme, apps and settings do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Habits:
    """One merchant's choices; those of the demo shop unless said otherwise."""

    steps: Literal["one", "three"] = "one"
    """Whether the checkout is one page, or the three steps that older shops kept."""

    phone: Literal["optional", "required"] = "optional"
    """Whether a phone number must be given."""


DEMO = Habits()
