"""Every statement of the Postgres store, by the name of its verb.

`taskq.…` are functions of ours (migrations/). Where a power cut may take a write along, the
statement says so itself with `set_config('synchronous_commit', 'off', true)`: that holds until its
end, and also where a pooler hands each statement to another session. `current_status || ''` is
nothing that an index knows: a row that is named by its id is found by it, not among all that are
being processed, which the planner would rather go through while they are few. TASK and WORKER stand
for the columns that we know, since what others add to a table is none of ours, and a prepared `*`
would fail as soon as they do; LEASE for how long one is, SCHEMA for the version of the tables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Protocol, cast

from taskq.stores.tables import VERSION, moved
from taskq.stores.verbs import Statements

_COLUMNS = {
    "TASK": "id, type, current_status, result_data, error_message, created_at, started_at, "
    "completed_at, params, plan, key, identity, lane, account, attempt, max_attempts, worker, "
    "intent, cancel_requested, outcome",
    "WORKER": "id, name, host, boot_id, pid_namespace, pid, pid_started, started_at, seen_at, "
    "slots, types, lease_expires_at > now() as alive",
}

SUBMIT = """
insert into public.tasks (
  id, type, params, plan, key, identity, again, lane, account, max_attempts, created_at)
select
  %(id)s, %(type)s, %(params)s::jsonb, %(plan)s::jsonb, %(key)s, %(identity)s, %(again)s, %(lane)s,
  %(account)s, %(max_attempts)s, clock_timestamp()
where taskq.durably() and (%(again)s or %(identity)s::text is null or not exists (
  select from public.tasks twin
  where twin.identity = %(identity)s and twin.intent is not null
    and twin.current_status in ('processing', 'failed')))
on conflict do nothing
returning TASK
"""

TWIN = """
select id from public.tasks
where identity = %(identity)s and id <> %(id)s and intent is not null
  and current_status in ('processing', 'failed')
limit 1
"""

BY_KEY = "select TASK from public.tasks where key = %(key)s"

CLAIM = """
select TASK from taskq.claim(
  %(worker)s, %(message)s, %(usual)s::jsonb, %(per_lane)s, %(only)s,
  LEASE, SCHEMA)
"""

STEP = """
update public.tasks set
  result_data = taskq.with_message(result_data, %(message)s, %(planned)s),
  lease_expires_at = now() + LEASE
where id = %(id)s and attempt = %(attempt)s and current_status || '' = 'processing'
  and set_config('synchronous_commit', 'off', true) is not null
returning cancel_requested, jsonb_array_length(result_data->'progress') as entries
"""

COUNT = """
update public.tasks set
  result_data = taskq.with_keys(result_data, %(count)s::jsonb),
  lease_expires_at = now() + LEASE
where id = %(id)s and attempt = %(attempt)s and current_status || '' = 'processing'
  and set_config('synchronous_commit', 'off', true) is not null
returning cancel_requested, jsonb_array_length(result_data->'progress') as entries
"""

NOTE = """
update public.tasks set result_data = taskq.with_message(result_data, %(message)s, false)
where id = %(id)s and current_status || '' = 'processing'
  and set_config('synchronous_commit', 'off', true) is not null
returning id
"""

INTENT = """
select true where taskq.intend(
  %(id)s, %(attempt)s, %(message)s, %(intent)s::jsonb, LEASE)
"""

# Only the intent's own writer knows that it did not act; whoever owns the row by now.
WITHDRAW = """
update public.tasks set
  intent = null,
  current_status = case when attempt < max_attempts then 'pending' else 'failed' end,
  completed_at = case when attempt >= max_attempts then clock_timestamp() end,
  error_message = case when attempt >= max_attempts then %(message)s::text end,
  result_data = taskq.with_entry(result_data, %(message)s),
  worker = null,
  lease_expires_at = null
where id = %(id)s and current_status in ('processing', 'failed')
  and (intent->>'attempt')::int = %(attempt)s
  and taskq.durably()
returning TASK
"""

BEAT = """
update public.tasks set lease_expires_at = now() + LEASE
where current_status || '' = 'processing' and worker = %(worker)s and lease_expires_at > now()
  and (id, attempt) in (
    select pair->>0, (pair->>1)::int from jsonb_array_elements(%(tasks)s::jsonb) pair)
returning id, cancel_requested
"""

SEEN = """
update taskq.workers set
  seen_at = clock_timestamp(), lease_expires_at = now() + LEASE
where id = %(worker)s
"""

# Evidence that the thing was bought is true whoever brings it, so it needs no valid attempt; it
# also stops a task that was put back in the queue because somebody thought it was not.
END = """
update public.tasks set
  current_status = %(status)s,
  error_message = %(error)s,
  completed_at = clock_timestamp(),
  intent = case
    when %(clears_intent)s then null
    when %(evidence)s::int is not null
      then coalesce(intent, '{}') || jsonb_build_object('bought_by', %(evidence)s::int)
    else intent
  end,
  result_data = taskq.with_keys(
    case
      when intent is null and (attempt <> %(attempt)s or current_status <> 'processing')
      then taskq.with_entries(result_data, %(late)s::text, %(message)s::text)
      when %(message)s::text is null then result_data
      else taskq.with_entry(result_data, %(message)s::text)
    end,
    %(result)s::jsonb),
  lease_expires_at = null
where id = %(id)s and taskq.durably() and (
  (attempt = %(attempt)s and current_status || '' = 'processing')
  or (%(evidence)s::int is not null and current_status <> 'completed'))
returning TASK
"""

# A completed task stays completed; that it was bought twice is said aloud all the same.
CONFLICT = """
update public.tasks set result_data = taskq.with_entry(result_data, %(message)s)
where id = %(id)s and current_status || '' = 'completed'
returning TASK
"""

# What becomes of a task that is given back. An intent that stands is never released: that is what
# `take` is for.
_RELEASE = """
with lost as materialized (
  select id as lost_id,
    case
      when cancel_requested then 'cancelled'
      when %(free)s or attempt < max_attempts then 'again'
      else 'exhausted'
    end as fate,
    %(reason)s || ' ' || case crashes when 0 then '' else (crashes + 1) || ' times ' end || 'at: '
      || coalesce(result_data #>> '{progress,-1,message}', 'the start') as why
  from public.tasks
  where current_status = 'processing' and intent is null and WHOSE
)
update public.tasks set
  current_status = case fate when 'again' then 'pending' else 'failed' end,
  max_attempts = max_attempts + %(free)s::int,
  crashes = crashes + (not %(free)s)::int,
  completed_at = case when fate <> 'again' then clock_timestamp() end,
  error_message = case fate
    when 'cancelled' then 'Cancelled'
    when 'exhausted' then taskq.clean(why)
  end,
  result_data = taskq.with_entry(result_data, case fate
    when 'again' then %(reason)s || ': back in the queue'
    when 'cancelled' then 'Cancelled'
    else taskq.failure(plan, why)
  end),
  worker = null,
  lease_expires_at = null
from lost where id = lost_id
returning TASK
"""

RELEASE = _RELEASE.replace("WHOSE", "id = %(id)s and attempt = %(attempt)s for update")

# Of many who tidy up at once each takes what no other is at.
REAP = _RELEASE.replace(
    "WHOSE",
    "worker is not null and coalesce(lease_expires_at, 'epoch') <= now() for update skip locked",
)

# What is needed to look for the order is on the host that wrote the intent; others leave the task
# to that host until its window is over, and to those who know its type for twice as long.
TAKE = """
with next as materialized (
  select id as next_id from (
    select id, type, lease_expires_at, intent->>'host' as host,
      1000 * extract(epoch from now() - (intent->>'at')::timestamptz) as age_ms
    from public.tasks
    where current_status = 'processing' and intent is not null
      and (%(only)s::text is null or id = %(only)s)
      and coalesce(lease_expires_at, 'epoch') <= now()
    for update skip locked) over
  where (host = %(host)s or age_ms >= %(window_ms)s)
    and (type in (select jsonb_array_elements_text(%(types)s::jsonb))
      or age_ms >= 2 * %(window_ms)s::bigint)
  order by lease_expires_at limit 1)
update public.tasks t set
  attempt = attempt + 1, worker = %(worker)s,
  lease_expires_at = now() + LEASE
from next where id = next_id
returning TASK
"""

CANCEL = """
update public.tasks set
  cancel_requested = true,
  current_status = case current_status when 'pending' then 'failed' else current_status end,
  completed_at = case current_status when 'pending' then clock_timestamp() end,
  error_message = case current_status when 'pending' then 'Cancelled' end,
  result_data = case current_status
    when 'pending' then taskq.with_entry(result_data, 'Cancelled') else result_data end
where id = %(id)s and current_status in ('pending', 'processing') and intent is null
returning TASK
"""

RETRY = """
update public.tasks set
  current_status = 'pending', cancel_requested = false, crashes = 0, run_at = null,
  max_attempts = attempt + %(attempts)s,
  started_at = null, completed_at = null, error_message = null
where id = %(id)s and current_status = 'failed' and intent is null
returning TASK
"""

RESOLVE = """
update public.tasks set
  current_status = %(status)s,
  intent = case when %(done)s then intent end,
  error_message = %(error)s,
  started_at = case when %(status)s <> 'pending' then started_at end,
  completed_at = case when %(status)s <> 'pending' then clock_timestamp() end,
  run_at = null,
  crashes = 0,
  max_attempts = case %(status)s when 'pending' then attempt + %(attempts)s else max_attempts end,
  result_data = taskq.with_keys(
    taskq.with_entries(
      result_data, variadic array(select jsonb_array_elements_text(%(messages)s::jsonb))),
    %(result)s::jsonb)
where id = %(id)s and current_status = 'failed' and intent is not null and taskq.durably()
returning TASK
"""

# Only what has ended and is known; nothing either by which somebody, who must find out what became
# of a payment, sees what else was tried.
_PRUNABLE = """
  current_status in ('completed', 'failed') and completed_at < %(before)s
    and outcome <> 'unknown'
    and (identity is null or not exists (
      select from public.tasks twin
      where twin.identity = tasks.identity and twin.intent is not null
        and twin.current_status in ('processing', 'failed')))
"""

PRUNABLE = f"""
select id from public.tasks where {_PRUNABLE} order by completed_at
"""  # noqa: S608 - ours alone

PRUNE = f"""
delete from public.tasks
where id in (select jsonb_array_elements_text(%(ids)s::jsonb)) and {_PRUNABLE}
returning id
"""  # noqa: S608 - ours alone

GET = "select TASK from public.tasks where id = %(id)s"

FIND = """
select TASK from public.tasks where starts_with(id, %(prefix)s)
order by created_at desc, seq desc limit %(limit)s
"""

LIST = """
select TASK from public.tasks
where (%(status)s::text is null or current_status = %(status)s)
  and (%(outcome)s::text is null or outcome = %(outcome)s)
  and (%(type)s::text is null or type = %(type)s)
  and (%(identity)s::text is null or identity = %(identity)s)
  and (%(since)s::timestamptz is null or created_at >= %(since)s)
  and (%(text)s::text is null or strpos(
    lower(concat_ws(' ', id, type, params, error_message, account) collate "C"),
    lower(%(text)s::text collate "C")) > 0)
  and (%(after)s::text is null
    or (created_at, seq) < (select created_at, seq from public.tasks where id = %(after)s))
order by created_at desc, seq desc limit %(limit)s
"""

# What tells one version of a row from another, and then those that are otherwise.
VERSIONS = """
select id, xmin::text as version from public.tasks
where id in (select jsonb_array_elements_text(%(ids)s::jsonb))
"""

LOOK = """
select TASK, xmin::text as version from public.tasks
where id in (select jsonb_array_elements_text(%(ids)s::jsonb))
"""

EVERY = """
select TASK from public.tasks
where (%(type)s::text is null or type = %(type)s)
  and (%(since)s::timestamptz is null or created_at >= %(since)s)
"""

HELD = "select TASK from public.tasks where worker = %(worker)s and current_status = 'processing'"

HOLDER = """
select TASK from public.tasks where account = %(account)s and current_status = 'processing'
"""

COUNTS = """
select coalesce(outcome, current_status) as word, count(*) as n from public.tasks group by 1
"""

PROGRESS_SINCE = """
select TASK, t.result_data || jsonb_build_object('progress', jsonb_path_query_array(
  t.result_data, '$.progress[$from to last]', jsonb_build_object('from', seen))
  ) as result_data
from jsonb_each(%(seen)s::jsonb) wanted(task_id, seen) join public.tasks t on id = task_id
"""

HISTORY = """
select TASK from public.tasks
where current_status = 'completed' and type = %(type)s and not result_data ? 'dry_run'
order by completed_at desc limit %(limit)s
"""

WORKERS = """
select WORKER from taskq.workers
where left_at is null and lease_expires_at > now() - interval '1 day' order by started_at
"""

ENLIST = """
insert into taskq.workers (id, name, host, boot_id, pid_namespace, pid, pid_started,
  lease_expires_at, slots, types)
values (%(id)s, %(name)s, %(host)s, %(boot_id)s, %(pid_namespace)s, %(pid)s, %(pid_started)s,
  now() + LEASE, %(slots)s, %(types)s::jsonb)
returning WORKER
"""

LEAVE = """
update taskq.workers set left_at = clock_timestamp() where id = %(worker)s and left_at is null
"""

VOID = """
update public.tasks set lease_expires_at = 'epoch'
where worker = %(worker)s and current_status = 'processing'
"""


class PostgresStatements(Statements, Protocol):
    """Those of every engine, and what only this one asks."""

    VERSIONS: str
    LOOK: str


def of(home: str, lease_seconds: float) -> PostgresStatements:
    """The statements for a table `tasks` in the schema *home*, and leases of so many seconds."""
    words = {**_COLUMNS, "LEASE": f"make_interval(secs => {lease_seconds})", "SCHEMA": str(VERSION)}
    every = {name: text for name, text in globals().items() if name.isupper() and name[0] != "_"}
    del every["VERSION"]
    placed = {name: moved(_spelled_out(text, words), home) for name, text in every.items()}
    return cast("PostgresStatements", SimpleNamespace(**placed))


def _spelled_out(text: str, words: Mapping[str, str]) -> str:
    for word, meaning in words.items():
        text = re.sub(rf"\b{word}\b", meaning, text)
    return text
