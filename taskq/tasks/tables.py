"""Making the tables of a server; those of a file make themselves."""

from __future__ import annotations

from taskq.errors import BadInput
from taskq.settings import Settings
from taskq.stores import is_postgres, make_tables
from taskq.stores.tables import Wanted, script
from taskq.tasks import opened

__all__ = ["Wanted", "make", "script"]


def make(settings: Settings, wanted: Wanted) -> bool:
    """Make what is missing in the database; whether a table `tasks` was there before.

    Raises:
        NotSetUp: the database cannot be reached, or another table is there.
        BadInput: a file has none of what is wanted.
    """
    if not is_postgres(settings.db):
        if wanted != Wanted():
            raise BadInput(_ONLY_POSTGRES.format(db=settings.shown_db))
        was_there = settings.file is not None and settings.file.exists()
        with opened(settings):
            return was_there
    return make_tables(settings.db, wanted)


_ONLY_POSTGRES = (
    "Only a Postgres has schemas, roles and listeners, and {db} is a file: "
    "taskq db init --db postgresql://USER@HOST:5432/DATABASE"
)
