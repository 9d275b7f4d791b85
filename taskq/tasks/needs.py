"""What a task needs on this machine before it can run: profile, card, login, browser."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from taskq import profiles, secrets, sessions
from taskq.browser.find import find
from taskq.errors import NotSetUp
from taskq.profiles import Profile
from taskq.registry import Handler
from taskq.secrets import Card
from taskq.sessions import Login
from taskq.settings import Settings, config_dir


@dataclass(frozen=True)
class Equipment:
    """Who orders, what is paid with and who is logged in, as far as the task needs them."""

    profile: Profile | None = None
    card: Card | None = None
    login: Login | None = None


def equipment(
    handler: Handler[Any], params: Any, settings: Settings, account: str | None = None
) -> Equipment:
    """What the task needs from this machine's owner.

    Raises:
        NotSetUp: something is missing; the sentence says how to get it.
    """
    name = profile_name(params, settings)
    profile = who(handler, params, settings)
    pays = "card" in handler.needs and not getattr(params, "dry_run", False)
    card = secrets.card_of(name, settings.profile) if pays else None
    if pays and card is None:
        variables = " ".join(f"{variable}=…" for variable in secrets.CARD_VARIABLES.values())
        raise NotSetUp(
            f"No card for profile {name!r}. Keep one: taskq profile card {name} (or give it to "
            f"the worker, where TASKQ_PROFILE={name} says whose it is: export {variables})"
        )
    return Equipment(profile, card, login_of(handler, account))


def login_of(handler: Handler[Any], account: str | None) -> Login | None:
    """The saved login of a task's *account*, or the one that its type is done with, if any.

    Raises:
        NotSetUp: there is no such login on this machine.
    """
    name = account or handler.login
    if name is None:
        return None
    if handler.login and not sessions.exists(name, config_dir()):
        another = "" if name == handler.login else f" --account {name}"
        raise NotSetUp(
            f"No login {name!r} on this machine. Log in: taskq login {handler.name}{another}"
        )
    return sessions.load(name, config_dir())


def who(handler: Handler[Any], params: Any, settings: Settings) -> Profile | None:
    """Who orders, if the handler needs to know.

    Raises:
        NotSetUp: there is no such profile.
    """
    if "profile" not in handler.needs:
        return None
    return profiles.load(profile_name(params, settings), config_dir())


def missing(
    handler: Handler[Any], params: Any, settings: Settings, account: str | None = None
) -> str | None:
    """The sentence about what this machine lacks for the task; None if it lacks nothing."""
    try:
        equipment(handler, params, settings, account)
        if "page" in handler.needs:
            find(settings.browser, headed=settings.headed)
    except NotSetUp as error:
        return str(error)
    return None


def profile_name(params: Any, settings: Settings) -> str:
    """The profile a task names, else the default one."""
    return getattr(params, "profile", None) or settings.profile


def ready(handlers: Iterable[Handler[Any]], settings: Settings) -> list[tuple[str, str]]:
    """What of a worker's equipment is there, as (thing, state) for its header.

    Raises:
        NotSetUp: a type needs a page and there is no browser.
    """
    wanted = frozenset[str]().union(*(handler.needs for handler in handlers))
    states = []
    if "profile" in wanted:
        states.append(("Profile", _profile_state(settings)))
    if "card" in wanted:
        states.append(("Card", card_state(settings.profile, settings)))
    if "page" in wanted:
        states.append(("Browser", str(find(settings.browser, headed=settings.headed))))
    return states


def card_state(name: str, settings: Settings) -> str:
    """The card of the profile *name*, masked, or why there is none."""
    try:
        card = secrets.card_of(name, settings.profile)
    except NotSetUp as error:
        return str(error)
    return card.masked if card else "none"


def _profile_state(settings: Settings) -> str:
    try:
        profile = profiles.load(settings.profile, config_dir())
    except NotSetUp as error:
        return str(error)
    return f"{settings.profile} ({profile.first_name} {profile.last_name}, {profile.country})"
