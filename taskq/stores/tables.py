"""The SQL that makes the tables of a Postgres; it needs no driver to be printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

from taskq.errors import BadInput

VERSION = 1
"""Which tables this taskq knows."""

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,54}")
"""What names something without quotes, and leaves room for what is named after it."""
_HEAD = """\
-- All of it or nothing: one transaction, as `supabase db push` makes it, or psql with -1.
"""
_NOTED = """
insert into taskq.migrations (version, name, home) values ({version}, 'tasks', '{home}')
on conflict do nothing;
"""


@dataclass(frozen=True)
class Wanted:
    """In which schema `tasks` shall be (None: where it is, else `public`), and who may see it.

    *web_read* lets who is logged in read the tasks; *realtime* tells listeners of each change;
    *role* may work with them as well as the one that makes them.
    """

    home: str | None = None
    web_read: bool = False
    realtime: bool = False
    role: str | None = None


def script(wanted: Wanted) -> str:
    """The SQL that makes all of it; it may run twice, and belongs into one transaction.

    Raises:
        BadInput: no schema, or no role, can be called so.
    """
    home = wanted.home or "public"
    if not _NAME.fullmatch(home) or home == "taskq":
        raise BadInput(f"--schema: {home!r} cannot name a schema. Use: --schema jobs")
    if wanted.role is not None and not _NAME.fullmatch(wanted.role):
        raise BadInput(f"--grant: {wanted.role!r} cannot name a role here. Use: --grant app")
    parts = ["001_tasks"]
    parts += ["web_read"] * wanted.web_read + ["realtime"] * wanted.realtime
    made = f'create schema if not exists "{home}";\n' if home != "public" else ""
    noted = _NOTED.format(version=VERSION, home=home)
    texts = [moved(_read(part), home) for part in parts]
    if wanted.role is not None:
        texts.append(moved(_read("grant").replace("ROLE", wanted.role), home))
    return _HEAD + made + "\n".join(texts) + noted


def moved(text: str, home: str) -> str:
    """SQL that speaks of `public.`, for the schema *home*."""
    return text.replace("public.", f'"{home}".').replace("HOME", home)


def _read(part: str) -> str:
    folder = files("taskq.stores").joinpath("postgres", "migrations")
    return folder.joinpath(f"{part}.sql").read_text("utf-8")
