"""Every setting in force, as anybody may see it: with its source, and no secret."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from taskq import secrets
from taskq.addresses import shown_database
from taskq.notify import shown
from taskq.settings import Origin, config_dir, load, origins
from taskq.tasks.needs import card_state


def visible(**flags: Any) -> list[Origin]:
    """Every setting, where the settings are, and the card of their profile, masked.

    Raises:
        BadInput: a setting cannot be used.
    """
    settings = load(**flags)
    found = [_masked(each) for each in origins(**flags)]
    where = os.environ.get("TASKQ_CONFIG_DIR")
    source: Literal["environment", "default"] = "environment" if where else "default"
    found.append(Origin("config_dir", "TASKQ_CONFIG_DIR", config_dir(), source))
    card = card_state(settings.profile, settings)
    return [*found, Origin("card", "TASKQ_CARD_NUMBER", card, _card_source(os.environ))]


def _card_source(environment: Mapping[str, str]) -> Literal["environment", "file"]:
    given = any(environment.get(name) for name in secrets.CARD_VARIABLES.values())
    return "environment" if given else "file"


def _masked(setting: Origin) -> Origin:
    value = setting.value
    if setting.name == "notify_url" and value is not None:
        return replace(setting, value=shown(value))
    if setting.name == "db":
        return replace(setting, value=shown_database(value))
    return replace(setting, value=str(value)) if isinstance(value, Path) else setting
