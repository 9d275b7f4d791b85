"""Where cards are kept: in the system's keyring if there is one, else in a file, 0600."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from taskq.errors import BadInput, NotSetUp
from taskq.files import keep_secret, read_secret
from taskq.ids import is_id
from taskq.secrets.card import Card, parse
from taskq.settings import config_dir

_SERVICE = "taskq"


def keep(profile: str, card: Card) -> str:
    """Keep the card of *profile*, in place of an older one; where, in words.

    Raises:
        NotSetUp: there is no place for it.
    """
    if not is_id(profile):
        raise BadInput("this cannot name a profile: use letters, digits, - and _")
    content = json.dumps(card.revealed())
    ring = _keyring()
    if ring is not None and _told(lambda: ring.set_password(_SERVICE, profile, content)):
        _file(profile).unlink(missing_ok=True)
        return "the system's keyring"
    lines = [f"{field} = {json.dumps(value)}\n" for field, value in card.revealed().items()]
    try:
        return str(keep_secret(_file(profile).parent, _file(profile).name, "".join(lines).encode()))
    except OSError as error:
        raise NotSetUp(f"The card cannot be kept: {error.strerror}") from None


def find(profile: str) -> Card | None:
    """The card that is kept for *profile*; None if none is.

    The file is looked at first: it is only there if the keyring could not take the card.

    Raises:
        NotSetUp: what is kept cannot be used.
    """
    if not is_id(profile):
        return None
    try:
        content: str | None = read_secret(_file(profile)).decode("utf-8", "replace")
    except FileNotFoundError:
        ring = _keyring()
        content = _asked(ring, profile) if ring is not None else None
    if content is None:
        return None
    try:
        return parse(content)
    except BadInput as error:
        raise NotSetUp(
            f"The card of profile {profile!r} cannot be used: {error}. "
            f"Give it anew: taskq profile card {profile}"
        ) from None


def forget(profile: str) -> bool:
    """Forget the card of *profile*, wherever it is; whether there was one."""
    if not is_id(profile):
        return False
    was_kept = _file(profile).exists()
    _file(profile).unlink(missing_ok=True)
    ring = _keyring()
    if ring is not None and _asked(ring, profile) is not None:
        if not _told(lambda: ring.delete_password(_SERVICE, profile)):
            raise NotSetUp(f"The keyring does not let go of the card of profile {profile!r}")
        was_kept = True
    return was_kept


def _file(profile: str) -> Path:
    return config_dir() / "cards" / f"{profile}.toml"


def _keyring() -> Any:
    """The system's keyring, where the extra is installed and it has one; else None."""
    try:
        import keyring
    except ImportError:
        return None
    with suppress(Exception):  # a backend may fail in any way of its own: then it is none
        ring = keyring.get_keyring()
        return ring if float(ring.priority) > 0 else None
    return None


def _asked(ring: Any, profile: str) -> str | None:
    with suppress(Exception):  # locked, or its service is gone
        content: str | None = ring.get_password(_SERVICE, profile)
        return content
    return None


def _told(call: Any) -> bool:
    """Whether the keyring did it; what it raises may hold what it was given, so it ends here."""
    try:
        call()
    except Exception:  # noqa: BLE001 - see above
        return False
    return True
