"""Who orders: contact and address, one TOML file per profile, 0600."""

from __future__ import annotations

import json
import os
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from taskq.errors import BadInput, NotSetUp

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Profile(BaseModel):
    """Contact and address as a checkout asks for them; country and province are ISO codes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: Annotated[Words, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    phone: str = ""
    first_name: Words
    last_name: Words
    address1: Words
    address2: str = ""
    city: Words
    province: Annotated[str, Field(pattern=r"^[A-Z0-9]{0,3}$")] = ""
    postal_code: str = ""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    max_price: Annotated[Decimal, Field(gt=0)] | None = None


def load(name: str, config_dir: Path) -> Profile:
    """The profile *name*.

    Raises:
        NotSetUp: there is none, or its file cannot be used.
    """
    try:
        return parse(_file(name, config_dir).read_text())
    except FileNotFoundError:
        raise NotSetUp(f"No profile {name!r}. Make it: taskq profile add {name}") from None
    except BadInput as error:
        raise NotSetUp(f"Profile {name!r}: {error}. Mend it: taskq profile add {name}") from None


def save(name: str, profile: Profile, config_dir: Path) -> Path:
    """Write the profile *name*, over an older one; the path of its file."""
    path = _file(name, config_dir)
    for folder in (config_dir, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    given = profile.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    lines = [f"{field} = {json.dumps(given[field], ensure_ascii=False)}\n" for field in given]
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(lines)
    draft.replace(path)
    return path


def parse(text: str) -> Profile:
    """The profile that *text* (TOML, or JSON) describes.

    Raises:
        BadInput: it does not; every problem in one sentence.
    """
    try:
        raw = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except ValueError as error:
        raise BadInput(f"This is neither TOML nor JSON: {error}") from None
    return from_answers(raw)


def from_answers(answers: dict[str, Any]) -> Profile:
    """The profile of these fields.

    Raises:
        BadInput: they make none; every problem in one sentence.
    """
    try:
        return Profile(**answers)
    except ValidationError as error:
        raise BadInput("; ".join(_said(fault) for fault in error.errors())) from None


def names(config_dir: Path) -> list[str]:
    """The names of the profiles there are."""
    return sorted(path.stem for path in (config_dir / "profiles").glob("*.toml"))


def _file(name: str, config_dir: Path) -> Path:
    if not _NAME.match(name):
        raise BadInput(f"{name!r} cannot name a profile: use letters, digits, - and _")
    return config_dir / "profiles" / f"{name}.toml"


_SAID = {
    "missing": "missing",
    "extra_forbidden": "not a field of a profile",
    "string_too_short": "missing",
}
_PATTERNS = {
    "email": "not an e-mail address",
    "country": "use the ISO code of two capitals, such as US",
    "province": "use the ISO code, such as NY",
}


def _said(fault: Any) -> str:
    field = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "string_pattern_mismatch":
        return f"{field}: {_PATTERNS[field]}"
    return f"{field}: {_SAID.get(fault['type'], fault['msg'])}"
