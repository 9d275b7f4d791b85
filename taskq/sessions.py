"""Saved logins: a browser's storage state and the address it was made at, 0600, one file each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from taskq.addresses import is_loopback
from taskq.errors import BadInput, NotSetUp
from taskq.files import keep_secret, read_secret

NAME = r"[A-Za-z0-9_-]{1,40}"
"""How a login can be called."""
_COOKIE_TEXTS = ("name", "value", "domain", "path")
_SAME_SITE = {"Strict", "Lax", "None"}


@dataclass(frozen=True)
class Login:
    """A saved login; its *state* is a bearer secret, and in no output."""

    name: str
    url: str
    state: Mapping[str, Any] = field(repr=False)


def load(name: str, config_dir: Path) -> Login:
    """The login *name*.

    Raises:
        NotSetUp: there is none on this machine, or it cannot be used.
    """
    anew = f"Log in: taskq login {name} --url URL"
    try:
        content = read_secret(_file(name, config_dir))
    except FileNotFoundError:
        raise NotSetUp(f"No login {name!r} on this machine. {anew}") from None
    kept = _json(content)
    try:
        return Login(name, address(str(kept.get("url"))), state_of(kept))
    except BadInput:
        raise NotSetUp(f"The login {name!r} is damaged. {anew}") from None


def save(login: Login, config_dir: Path) -> Path:
    """Keep *login*, in place of an older one; the path of its file."""
    path = _file(login.name, config_dir)
    return keep_secret(
        path.parent, path.name, json.dumps({"url": login.url, **login.state}).encode()
    )


def renew(login: Login, state: Mapping[str, Any], config_dir: Path) -> Login:
    """Keep what the site has made of *login*, unless it was replaced or forgotten meanwhile."""
    renewed = replace(login, state=state)
    if state != login.state and is_kept(login, config_dir):
        save(renewed, config_dir)
    return renewed


def is_kept(login: Login, config_dir: Path) -> bool:
    """Whether exactly this login is the one that is kept."""
    try:
        return load(login.name, config_dir) == login
    except NotSetUp:
        return False


def kept_at(name: str, config_dir: Path) -> float:
    """When the login *name* was kept last, by the clock of files; 0 if it is not."""
    try:
        return _file(name, config_dir).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def forget(name: str, config_dir: Path) -> None:
    """Forget the login *name*.

    Raises:
        NotSetUp: there is none.
    """
    try:
        _file(name, config_dir).unlink()
    except FileNotFoundError:
        raise NotSetUp(
            f"No login {name!r} on this machine. See the ones there are: taskq login --list"
        ) from None


def names(config_dir: Path) -> list[str]:
    """The names of the logins there are."""
    return sorted(path.stem for path in (config_dir / "sessions").glob("*.json"))


def exists(name: str, config_dir: Path) -> bool:
    """Whether there is a login *name*.

    Raises:
        BadInput: nothing can be called so.
    """
    return _file(name, config_dir).exists()


def is_name(name: str) -> bool:
    """Whether a login can be called so."""
    return bool(re.fullmatch(NAME, name))


def parse(content: bytes) -> Mapping[str, Any]:
    """The storage state that a file from elsewhere holds.

    Raises:
        BadInput: it holds none; nothing of it is repeated.
    """
    return state_of(_json(content))


def state_of(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """The storage state in *kept*, as Playwright takes it.

    Raises:
        BadInput: there is none.
    """
    cookies, origins = kept.get("cookies"), kept.get("origins", [])
    if not isinstance(cookies, list) or not all(map(_is_cookie, cookies)):
        raise BadInput("This is no storage state of a browser: its cookies are not as Playwright's")
    if not isinstance(origins, list) or not all(map(_is_origin, origins)):
        raise BadInput("This is no storage state of a browser: its origins are not as Playwright's")
    return {"cookies": cookies, "origins": origins}


def address(url: str) -> str:
    """*url*, if one may log in there.

    Raises:
        BadInput: it is no https address (http is for loopback alone).
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    del port  # only reading it tells whether it is one
    if not host or parts.scheme not in {"http", "https"}:
        raise BadInput("--url: this is not an address such as https://example.com/account")
    if parts.scheme == "http" and not is_loopback(host):
        raise BadInput("--url: use https: a login must not travel in the open")
    if parts.username or parts.password:
        raise BadInput("--url: an address with a user name in it is not accepted")
    return url.strip()


def _json(content: bytes) -> dict[str, Any]:
    """The object in *content*; an empty one where there is none: errors would repeat secrets."""
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _is_cookie(cookie: Any) -> bool:
    return (
        isinstance(cookie, dict)
        and all(isinstance(cookie.get(name), str) for name in _COOKIE_TEXTS)
        and cookie.get("sameSite", "Lax") in _SAME_SITE
    )


def _is_origin(origin: Any) -> bool:
    return (
        isinstance(origin, dict)
        and isinstance(origin.get("origin"), str)
        and isinstance(origin.get("localStorage", []), list)
    )


def _file(name: str, config_dir: Path) -> Path:
    if not is_name(name):
        raise BadInput(f"{name!r} cannot name a login: use letters, digits, - and _")
    return config_dir / "sessions" / f"{name}.json"
