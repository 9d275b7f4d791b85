"""What can be set, and where from: flag > environment > user file > default.

Nothing is ever read from the current folder.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from taskq.addresses import is_loopback, shown_database, without_secrets
from taskq.errors import BadInput


def config_dir() -> Path:
    """Where the user's `config.toml` and `profiles/` are (TASKQ_CONFIG_DIR)."""
    return Path(os.environ.get("TASKQ_CONFIG_DIR") or platformdirs.user_config_dir("taskq"))


class Settings(BaseSettings):
    """Every setting by its name; in the environment with `TASKQ_` before it."""

    model_config = SettingsConfigDict(env_prefix="TASKQ_", env_ignore_empty=True, extra="ignore")

    db: str = Field(default_factory=lambda: str(_data_home() / "taskq.db"))
    data_dir: Path = Field(default_factory=lambda: _data_home() / "runs")
    profile: str = "default"
    browser: str | None = None
    imports: str = Field(default="", validation_alias="TASKQ_IMPORT")
    lease_seconds: float = Field(default=60, gt=0)
    stuck_seconds: float = Field(default=600, gt=0)
    verify_seconds: float = Field(default=600, ge=0)
    answer_seconds: float = Field(default=120, gt=0)
    person_seconds: float = Field(default=300, gt=0)
    unguarded_shops: str = ""
    headed: bool = False
    trace: bool = False
    progress: str = "auto"
    ascii: bool = False
    debug: bool = False
    notify_url: str | None = None
    uber_url: str = "https://m.uber.com"

    @field_validator("notify_url")
    @classmethod
    def _is_web_address(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "http://none")
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            raise ValueError("use an address that begins with https:// or http://")
        return url

    @field_validator("uber_url")
    @classmethod
    def _is_safe_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (
            parts.scheme == "http" and is_loopback(parts.hostname or "")
        ):
            raise ValueError("use an address that begins with https:// (http is for loopback)")
        if not parts.hostname or parts.username or parts.password or parts.path.strip("/"):
            raise ValueError("use the address of a site, such as https://m.uber.com")
        return url.rstrip("/")

    @property
    def unguarded(self) -> frozenset[str]:
        """The hosts whose payment Chromium sends by itself, without the one-POST guard."""
        return frozenset(filter(None, (h.strip() for h in self.unguarded_shops.split(","))))

    @property
    def file(self) -> Path | None:
        """The database's file; None where a server keeps it."""
        return None if "://" in self.db else Path(self.db).expanduser()

    @property
    def shown_db(self) -> str:
        """The database as anybody may see it."""
        return shown_database(self.db)

    @property
    def outbox(self) -> Path:
        """Where ends wait that could not be written: beside the file, or the tasks' folders."""
        if self.file is not None:
            return Path(f"{self.file}.outbox")
        which = hashlib.sha256(without_secrets(self.db).encode()).hexdigest()[:8]
        return self.data_dir / f"{urlsplit(self.db).hostname}.{which}.outbox"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - never read: see above
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - never read
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the user's file."""
        return init_settings, env_settings, _UserFile(settings_cls, toml_file=user_file())


class _UserFile(TomlConfigSettingsSource):
    """The user's `config.toml`, whose keys are the variables' names without `TASKQ_`, in small."""

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        try:
            said = super()._read_file(file_path)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise BadInput(
                f"{file_path} cannot be read: {error}. See where it is: taskq config path"
            ) from None
        if "import" in said:  # no Python name, so the field is called otherwise
            said["TASKQ_IMPORT"] = said.pop("import")
        return said


@dataclass(frozen=True)
class Origin:
    """One setting: its *value*, and the *source* that won."""

    name: str
    variable: str
    value: Any
    source: Literal["flag", "environment", "file", "default"]


def user_file() -> Path:
    """The user's own settings, which need not be there."""
    return config_dir() / "config.toml"


def origins(**flags: Any) -> list[Origin]:
    """Every setting in force, and where it comes from; a flag that is None was not given.

    Raises:
        BadInput: see `load`.
    """
    settings = load(**flags)
    given = {name for name, value in flags.items() if value is not None}
    environment = EnvSettingsSource(Settings)()
    file = _UserFile(Settings, toml_file=user_file())()
    found = []
    for field, info in Settings.model_fields.items():
        key = str(info.validation_alias or field)
        source: Literal["flag", "environment", "file", "default"] = "default"
        if field in given:
            source = "flag"
        elif key in environment:
            source = "environment"
        elif key in file:
            source = "file"
        name = key.removeprefix("TASKQ_").lower()
        found.append(Origin(name, f"TASKQ_{name.upper()}", getattr(settings, field), source))
    return found


def unknown_keys() -> list[str]:
    """What the user's file sets that is no setting: nobody reads it."""
    known = {str(info.validation_alias or name) for name, info in Settings.model_fields.items()}
    return sorted(_UserFile(Settings, toml_file=user_file())().keys() - known)


def load(**flags: Any) -> Settings:
    """The settings in force; a flag that is None was not given.

    Raises:
        BadInput: a value cannot be meant; all of them in one sentence.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        faults = "; ".join(
            f"TASKQ_{str(fault['loc'][0]).removeprefix('TASKQ_').upper()}: "
            + fault["msg"].removeprefix("Value error, ")
            for fault in error.errors()
        )
        raise BadInput(f"A setting cannot be used: {faults}") from None


def _data_home() -> Path:
    return Path(platformdirs.user_data_dir("taskq"))
