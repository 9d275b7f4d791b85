-- The documented table, and what taskq needs beside it. Everything that follows may run twice.
create schema if not exists taskq;

create table if not exists taskq.migrations (
  version int primary key,
  name text not null,
  home text not null,  -- the schema in which `tasks` is
  applied_at timestamptz not null default now()
);

create table if not exists taskq.workers (
  id text primary key,
  name text not null,
  host text not null,
  boot_id text not null,
  pid_namespace text not null,
  pid int not null,
  pid_started text not null,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  lease_expires_at timestamptz not null,
  left_at timestamptz,
  slots int not null,
  types jsonb not null
);

create table if not exists public.tasks (
  id text collate "C" primary key,
  type text not null,
  current_status text not null default 'pending',
  result_data jsonb not null default '{}',
  error_message text,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  completed_at timestamptz
);

-- A function, as every statement that writes reads the words of such a column anew.
create or replace function taskq.outcome_of(
  current_status text, intent jsonb, cancel_requested boolean)
returns text
language plpgsql immutable as $$
begin
  return case
    when current_status = 'completed' then 'succeeded'
    when current_status <> 'failed' then null
    when intent is not null then 'unknown'
    when cancel_requested then 'cancelled'
    else 'failed'
  end;
end $$;

-- Room for the versions of a row beside it (HOT), and a vacuum before they are many.
alter table public.tasks set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- Only ever added: a table that was there keeps all it has.
alter table public.tasks
  alter column current_status set default 'pending',
  alter column result_data set default '{}',
  alter column created_at set default clock_timestamp(),
  add column if not exists seq bigint generated always as identity,
  add column if not exists params jsonb not null default '{}',
  add column if not exists plan jsonb,
  add column if not exists key text,
  add column if not exists identity text,
  add column if not exists again boolean not null default false,
  add column if not exists lane text,
  add column if not exists account text,
  add column if not exists run_at timestamptz,
  add column if not exists attempt int not null default 0,
  add column if not exists max_attempts int not null default 0,  -- 0: not ours, so nobody claims it
  add column if not exists crashes int not null default 0,
  add column if not exists worker text,
  add column if not exists lease_expires_at timestamptz,
  add column if not exists intent jsonb,
  add column if not exists cancel_requested boolean not null default false,
  add column if not exists outcome text generated always as (
    taskq.outcome_of(current_status, intent, cancel_requested)
  ) stored;

-- What was there before is not looked at, only what is written from now on. No more than this: each
-- statement that writes reads the words of a constraint anew.
do $$ begin
  if not exists (select from pg_constraint
      where conname = 'tasks_are_sound' and conrelid = 'public.tasks'::regclass) then
    alter table public.tasks add constraint tasks_are_sound check (
      current_status in ('pending', 'processing', 'completed', 'failed')
      and jsonb_typeof(result_data) = 'object') not valid;
  end if;
end $$;

-- None of them holds a lease or the progress, so a step rewrites no index; and what a claim looks
-- through never holds an ended task, so a million of those cost it nothing.
create unique index if not exists tasks_key on public.tasks (key) where key is not null;
create index if not exists tasks_ready on public.tasks (coalesce(run_at, created_at), seq)
  where current_status = 'pending';
create index if not exists tasks_running on public.tasks (id)
  where current_status = 'processing';
create index if not exists tasks_lanes on public.tasks (lane)
  where current_status = 'processing' and lane is not null;
create index if not exists tasks_accounts on public.tasks (account)
  where current_status = 'processing' and account is not null;
create index if not exists tasks_intents on public.tasks (identity) where intent is not null;
create index if not exists tasks_history on public.tasks (type, completed_at)
  where current_status = 'completed';
create index if not exists tasks_created on public.tasks (created_at, seq);

create or replace view public.task_progress with (security_invoker = true) as
select
  task_id, type, current_status, step, message, timestamp,
  case when seconds < 0 then 0 else seconds end as seconds
from (
  select
    t.id as task_id, t.type, t.current_status, entry.n::int as step,
    entry.value->>'message' as message, entry.value->>'timestamp' as timestamp,
    extract(epoch from
      coalesce(
        (lead(entry.value->>'timestamp') over (partition by t.id order by entry.n))::timestamp,
        t.completed_at at time zone 'utc')
      - (entry.value->>'timestamp')::timestamp)::numeric(12, 3) as seconds
  from public.tasks t
  cross join lateral jsonb_array_elements(coalesce(t.result_data->'progress', '[]'))
    with ordinality entry(value, n)) entries;

-- One more entry at the end. A wall clock may be set back, a history may not. These functions set no
-- search_path and name what costs something once, so that they are expanded where they are used:
-- a call of them would be planned anew each time.
create or replace function taskq.with_entry(data jsonb, message text) returns jsonb
language sql volatile as $$
  select jsonb_set(
    coalesce(data, '{}'), '{progress}',
    coalesce(data->'progress', '[]') || jsonb_build_object(
      'message', message,
      'timestamp', greatest(
        data #>> '{progress,-1,timestamp}' collate "C",
        to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US')
          collate "C")))
$$;

-- An entry that is planned, or a handler's own, of which only so many are kept; one says so.
create or replace function taskq.with_message(data jsonb, message text, planned boolean)
returns jsonb
language sql volatile as $$
  select case
    when planned or coalesce(jsonb_array_length(data->'progress'), 0) < 490
      then taskq.with_entry(data, message)
    when jsonb_path_exists(
        data, '$.progress[490 to last] ? (@.message == "Only 490 messages are kept")')
      then data
    else taskq.with_entry(data, 'Only 490 messages are kept')
  end
$$;

-- An entry for each message that is one.
create or replace function taskq.with_entries(data jsonb, variadic messages text[]) returns jsonb
language plpgsql volatile as $$
declare
  _message text;
begin
  foreach _message in array messages loop
    if _message is not null then
      data := taskq.with_entry(data, _message);
    end if;
  end loop;
  return data;
end $$;

-- The keys of *extra* over its own; `progress` is never touched.
create or replace function taskq.with_keys(data jsonb, extra jsonb) returns jsonb
language sql immutable as $$
  select coalesce(data, '{}') || (coalesce(extra, '{}') - 'progress')
$$;

-- The plan with the seconds its steps usually take, where their number fits the plan.
create or replace function taskq.with_usual(plan jsonb, usual jsonb) returns jsonb
language plpgsql immutable as $$
begin
  if plan is null or jsonb_array_length(plan) is distinct from jsonb_array_length(usual) then
    return plan;
  end if;
  return (
    select jsonb_agg(
      step.value || jsonb_build_object('usually', round((usual->>(step.n::int - 1))::numeric, 6))
      order by step.n)
    from jsonb_array_elements(plan) with ordinality step(value, n));
end $$;

create or replace function taskq.clean(said text) returns text
language sql immutable as $$
  select case when char_length(said) > 300 then left(said, 299) || '…' else said end
$$;

-- The closing entry of a failed task, in its plan's own words.
create or replace function taskq.failure(plan jsonb, error text) returns text
language sql immutable as $$
  select taskq.clean(
    replace(coalesce(plan->-1->>'otherwise', 'Failed: {error}'), '{error}', error))
$$;

-- Whatever the database is set to: what is acknowledged is on its disk. A stricter setting stays.
create or replace function taskq.durably() returns boolean
language sql volatile as $$
  select set_config('synchronous_commit', case current_setting('synchronous_commit')
    when 'off' then 'on' else current_setting('synchronous_commit') end, true) is not null
$$;

-- The oldest due task to one worker. Whether a lane or an account is free is known for certain only
-- to who fills lanes alone: so such a task is looked at once more under a lock, by a statement that
-- sees what others have filled until then. Planned once: a plan for each value of _only would cost
-- more than the claim.
create or replace function taskq.claim(
  _worker text, _message text, _usual jsonb, _per_lane int, _only text, _lease interval,
  _version int)
returns setof public.tasks
language plpgsql set plan_cache_mode = 'force_generic_plan' as $$
declare
  _types text[] := array(select jsonb_object_keys(_usual));
  _id text;
  _lane text;
  _account text;
begin
  loop
    select waiting.id, waiting.lane, waiting.account into _id, _lane, _account
    from public.tasks waiting
    where waiting.current_status = 'pending'
      and waiting.max_attempts > 0
      and (waiting.run_at is null or waiting.run_at <= now())
      and _version = (select max(version) from taskq.migrations)
      and (_only is null or waiting.id = _only)
      and waiting.type = any (_types)
      and (waiting.lane is null or _per_lane > (
        select count(*) from public.tasks running
        where running.lane = waiting.lane and running.current_status = 'processing'))
      and (waiting.account is null or not exists (
        select from public.tasks running
        where running.account = waiting.account and running.current_status = 'processing'))
    order by coalesce(waiting.run_at, waiting.created_at), waiting.seq
    limit 1 for update skip locked;
    if _id is null then
      return;
    end if;
    if _lane is not null or _account is not null then
      perform pg_advisory_xact_lock(7441, 0);
      if _per_lane <= (select count(*) from public.tasks running
            where running.lane = _lane and running.current_status = 'processing')
          or exists (select from public.tasks running
            where running.account = _account and running.current_status = 'processing') then
        continue;
      end if;
    end if;
    return query update public.tasks t set
      current_status = 'processing',
      attempt = t.attempt + 1,
      worker = _worker,
      lease_expires_at = clock_timestamp() + _lease,
      started_at = coalesce(t.started_at, clock_timestamp()),
      plan = case _usual->t.type when '[]' then t.plan
        else taskq.with_usual(t.plan, _usual->t.type) end,
      result_data = taskq.with_entry(t.result_data, _message)
    where t.id = _id
    returning t.*;
    return;
  end loop;
end $$;

-- The entry is the intent. Of two of one identity the later one sees the earlier, as it waits for
-- it and looks then.
create or replace function taskq.intend(
  _id text, _attempt int, _message text, _intent jsonb, _lease interval)
returns boolean
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7442, hashtext(t.identity))
  from public.tasks t where t.id = _id and t.identity is not null;
  perform taskq.durably();
  update public.tasks t set
    result_data = taskq.with_entry(t.result_data, _message),
    intent = _intent || jsonb_build_object('at', to_char(
      clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
    lease_expires_at = clock_timestamp() + _lease
  where t.id = _id and t.attempt = _attempt and t.current_status || '' = 'processing'
    and t.intent is null
    and not t.cancel_requested
    and t.lease_expires_at > clock_timestamp()
    and (t.again or t.identity is null or not exists (
      select from public.tasks twin
      where twin.identity = t.identity and twin.id <> t.id and twin.intent is not null
        and twin.current_status in ('processing', 'failed')));
  return found;
end $$;

-- Nobody from the web reads or writes any of it, unless that is asked for.
alter table public.tasks enable row level security;
alter table taskq.workers enable row level security;
alter table taskq.migrations enable row level security;
do $$
declare
  _role text;
begin
  for _role in select rolname from pg_roles where rolname in ('anon', 'authenticated') loop
    execute format('revoke all on public.tasks, public.task_progress from %I', _role);
    execute format('revoke all on all tables in schema taskq from %I', _role);
  end loop;
  if exists (select from pg_policies where policyname = 'taskq_read'
      and schemaname = 'HOME' and tablename = 'tasks') then
    grant select on public.tasks, public.task_progress to authenticated;
  end if;
  if exists (select from pg_roles where rolname = 'service_role') then
    grant usage on schema "HOME" to service_role;
    grant all on public.tasks, public.task_progress to service_role;
  end if;
end $$;
