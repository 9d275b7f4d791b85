"""What can be set, and where from: flag > environment > user file > default.

Nothing is ever read from the current folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

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

    @property
    def unguarded(self) -> frozenset[str]:
        """The hosts whose payment Chromium sends by itself, without the one-POST guard."""
        return frozenset(filter(None, (h.strip() for h in self.unguarded_shops.split(","))))

    @property
    def outbox(self) -> Path:
        """Where ends wait that could not be written: beside the database."""
        return Path(f"{Path(self.db).expanduser()}.outbox")

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
        file = TomlConfigSettingsSource(settings_cls, toml_file=config_dir() / "config.toml")
        return init_settings, env_settings, file


def load(**flags: Any) -> Settings:
    """The settings in force; a flag that is None was not given.

    Raises:
        BadInput: a value cannot be meant; all of them in one sentence.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        faults = "; ".join(
            f"TASKQ_{str(fault['loc'][0]).removeprefix('TASKQ_').upper()}: {fault['msg']}"
            for fault in error.errors()
        )
        raise BadInput(f"A setting cannot be used: {faults}") from None


def _data_home() -> Path:
    return Path(platformdirs.user_data_dir("taskq"))
