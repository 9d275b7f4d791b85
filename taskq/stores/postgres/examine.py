"""What a person may want to know of a server before it hurts."""

from __future__ import annotations

from collections.abc import Mapping

from taskq.stores.postgres.connection import Connections
from taskq.stores.tables import VERSION, moved

_FACTS = """
select
  current_setting('server_version') as server,
  (select count(*) from pg_stat_activity where application_name = 'taskq') as connections,
  (select coalesce(round(max(extract(epoch from now() - xact_start))), 0)
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and state like 'idle in transaction%%') as idle_seconds,
  (select coalesce(max(age(backend_xmin)), 0)
    from pg_stat_activity where pid <> pg_backend_pid()) as oldest,
  (select n_dead_tup from pg_stat_user_tables where relid = 'public.tasks'::regclass) as dead
"""
_TRY = "update public.tasks set id = id where false"


def facts(connections: Connections) -> Mapping[str, str]:
    """Facts of the server, each in a few words; and writing was tried.

    An old snapshot keeps the remains of every step from being tidied up, so a queue beside it
    becomes slower and slower: `oldest snapshot` says how many transactions ago one was taken.

    Raises:
        StoreFailed: it cannot be written.
    """
    connections.check_version()
    connections.run(moved(_TRY, connections.home), {})
    (found,) = connections.read(moved(_FACTS, connections.home), {})
    told = {
        "Postgres": str(found["server"]).partition(" ")[0],
        "schema": f"{VERSION} in {connections.home}",
        "connections": str(found["connections"]),
        "dead rows": str(found["dead"]),
        "oldest snapshot": f"{found['oldest']} transactions ago",
    }
    if found["idle_seconds"]:
        told["idle in transaction"] = f"{found['idle_seconds']} s"
    return told
