"""Who orders: contact and address, one TOML file per profile, 0600."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from taskq.errors import BadInput, NotSetUp
from taskq.files import keep_secret

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
_PHONE = re.compile(r"\+?[\d\s().-]+")
_PHONE_DIGITS = range(7, 16)
_POSTAL = {
    "US": (r"\d{5}(-\d{4})?", "a US ZIP code"),
    "CA": (r"[A-Z]\d[A-Z][ -]?\d[A-Z]\d", "a Canadian postal code"),
    "AU": (r"\d{4}", "an Australian postcode"),
    "GB": (r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "a UK postcode"),
}
"""How the postal codes of countries look that do not deliver without one."""
_WITH_PROVINCE = {"US": "state", "CA": "province", "AU": "state"}
"""Countries whose addresses name a part of the country, in their own word for it."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Maybe = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Profile(BaseModel):
    """Contact and address as a checkout asks for them; country and province are ISO codes."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    email: Annotated[Words, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    phone: Maybe = ""
    first_name: Words
    last_name: Words
    address1: Words
    address2: Maybe = ""
    city: Words
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]  # first: the next two depend on it
    province: Annotated[str, Field(pattern=r"^[A-Z0-9]{0,3}$")] = ""
    postal_code: Maybe = ""
    max_price: Annotated[Decimal, Field(gt=0)] | None = None

    @field_validator("phone")
    @classmethod
    def _can_be_called(cls, phone: str) -> str:
        digits = sum(char.isdigit() for char in phone)
        if phone and not (_PHONE.fullmatch(phone) and digits in _PHONE_DIGITS):
            raise ValueError("not a phone number: use 7 to 15 digits, such as +1 212 555 0142")
        return phone

    @field_validator("province")
    @classmethod
    def _is_named_where_needed(cls, province: str, info: ValidationInfo) -> str:
        country = info.data.get("country", "")
        if country in _WITH_PROVINCE and not province:
            word = _WITH_PROVINCE[country]
            raise ValueError(f"missing: an address in {country} names its {word}, such as NY")
        return province

    @field_validator("postal_code")
    @classmethod
    def _is_of_its_country(cls, code: str, info: ValidationInfo) -> str:
        pattern, name = _POSTAL.get(info.data.get("country", ""), ("", ""))
        if pattern and not code:
            raise ValueError("missing")
        if pattern and not re.fullmatch(pattern, code, re.IGNORECASE | re.ASCII):
            raise ValueError(f"not {name}")
        return code


def load(name: str, config_dir: Path) -> Profile:
    """The profile *name*.

    Raises:
        NotSetUp: there is none, or its file cannot be used.
    """
    try:
        return from_answers(answers(name, config_dir))
    except BadInput as error:
        raise NotSetUp(f"Profile {name!r}: {error}. Mend it: taskq profile edit {name}") from None


def answers(name: str, config_dir: Path) -> dict[str, Any]:
    """The fields of the profile *name* as they are kept, whether or not they can be used.

    Raises:
        NotSetUp: there is none, or its file cannot be read at all.
    """
    try:
        return fields_of(_file(name, config_dir).read_text())
    except FileNotFoundError:
        raise NotSetUp(f"No profile {name!r}. Make it: taskq profile add {name}") from None
    except (BadInput, OSError, UnicodeDecodeError) as error:
        raise NotSetUp(f"Profile {name!r}: {error}. Anew: taskq profile add {name}") from None


def save(name: str, profile: Profile, config_dir: Path) -> Path:
    """Write the profile *name*, over an older one; the path of its file."""
    path = _file(name, config_dir)
    given = profile.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    lines = [f"{field} = {json.dumps(given[field], ensure_ascii=False)}\n" for field in given]
    return keep_secret(path.parent, path.name, "".join(lines).encode())


def remove(name: str, config_dir: Path) -> None:
    """Delete the profile *name*.

    Raises:
        NotSetUp: there is none.
    """
    try:
        _file(name, config_dir).unlink()
    except FileNotFoundError:
        raise NotSetUp(f"No profile {name!r}. See the ones there are: taskq profile list") from None


def parse(text: str) -> Profile:
    """The profile that *text* (TOML, or JSON) describes.

    Raises:
        BadInput: it does not; every problem in one sentence.
    """
    return from_answers(fields_of(text))


def fields_of(text: str) -> dict[str, Any]:
    """The fields that *text* (TOML, or JSON) names.

    Raises:
        BadInput: it is neither.
    """
    try:
        raw = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except ValueError as error:
        raise BadInput(f"This is neither TOML nor JSON: {error}") from None
    return dict(raw)


def from_answers(given: Mapping[str, Any]) -> Profile:
    """The profile of these fields.

    Raises:
        BadInput: they make none; every problem in one sentence.
    """
    if wrong := faults(given):
        raise BadInput("; ".join(f"{field}: {said}" for field, said in wrong.items()))
    return Profile(**given)


def faults(given: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with these fields, by field; nothing where they make a profile."""
    try:
        Profile(**given)
    except ValidationError as error:
        return {str(fault["loc"][0]): _said(fault) for fault in error.errors()}
    return {}


def names(config_dir: Path) -> list[str]:
    """The names of the profiles there are."""
    return sorted(path.stem for path in (config_dir / "profiles").glob("*.toml"))


def exists(name: str, config_dir: Path) -> bool:
    """Whether there is a profile *name*.

    Raises:
        BadInput: nothing can be called so.
    """
    return _file(name, config_dir).exists()


def _file(name: str, config_dir: Path) -> Path:
    if not _NAME.match(name):
        raise BadInput(f"{name!r} cannot name a profile: use letters, digits, - and _")
    return config_dir / "profiles" / f"{name}.toml"


_SAID = {
    "missing": "missing",
    "extra_forbidden": "not a field of a profile",
    "string_too_short": "missing",
    "greater_than": "use an amount above 0",
    "decimal_parsing": "use an amount such as 99.50",
}
_PATTERNS = {
    "email": "not an e-mail address",
    "country": "use the ISO code of two capitals, such as US",
    "province": "use the ISO code, such as NY",
}


def _said(fault: Any) -> str:
    if fault["type"] == "string_pattern_mismatch":
        return _PATTERNS[str(fault["loc"][0])]
    text: str = fault["msg"].removeprefix("Value error, ")
    return _SAID.get(fault["type"], text)
