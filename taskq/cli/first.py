"""The first task of a person without a profile: who orders is asked right there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from taskq.cli import questions, shared

if TYPE_CHECKING:
    from taskq.registry import Handler
    from taskq.settings import Settings


def lead_in(handler: Handler[Any], params: Any, settings: Settings) -> None:
    """Ask who orders, and with which card, if nobody has said so yet and somebody is here to say.

    Only for the profile that is meant where none is named: a name that is not there may be a slip.
    """
    from taskq import profiles
    from taskq.settings import config_dir
    from taskq.tasks import needs

    name = needs.profile_name(params, settings)
    wanted = "profile" in handler.needs and name == settings.profile
    if not wanted or not questions.can_ask() or profiles.exists(name, config_dir()):
        return
    shared.hint(f"No profile {name!r} yet. Who orders?")
    made = questions.profile()
    path = profiles.save(name, made, config_dir())
    shared.hint(f"Profile {name} is in {path}")
    if "card" in handler.needs:
        _ask_card(name, settings)


def _ask_card(name: str, settings: Settings) -> None:
    from taskq import secrets
    from taskq.cli.profile import keep_card

    if secrets.card_of(name, settings.profile) is not None:
        return
    if typer.confirm("A card for it?", default=True, err=True):
        shared.hint(keep_card(name, questions.card()))
    else:
        shared.hint(f"Later: taskq profile card {name}")
