"""Every statement of the SQLite store, by the name of its verb.

`with_entry`, `with_entries`, `with_message`, `with_keys`,
`with_usual`, `clean` and `failure` are ours (functions.py).
"""

# The guard and the insert are one statement, so two submits cannot both find nothing.
SUBMIT = """
insert into tasks (
  id, type, params, plan, key, identity, again, lane, account, max_attempts, created_at, run_at)
select
  :id, :type, :params, :plan, :key, :identity, :again, :lane, :account, :max_attempts, :now, null
where :again or :identity is null or not exists (
  select 1 from tasks twin
  where twin.identity = :identity and twin.intent is not null
    and twin.current_status in ('processing', 'failed'))
on conflict do nothing
returning *
"""

TWIN = """
select id from tasks
where identity = :identity and id <> :id and intent is not null
  and current_status in ('processing', 'failed')
limit 1
"""

BY_KEY = "select * from tasks where key = :key"

# One statement, so no other worker can slip in between looking and taking.
CLAIM = """
update tasks set
  current_status = 'processing',
  attempt = attempt + 1,
  worker = :worker,
  lease_expires_at = :lease,
  started_at = coalesce(started_at, :now),
  plan = with_usual(plan, (select value from json_each(:usual) where key = tasks.type)),
  result_data = with_entry(result_data, :message, :now)
where id = (
  select waiting.id from tasks waiting
  where waiting.current_status = 'pending'
    and (waiting.run_at is null or waiting.run_at <= :now)
    and (select user_version from pragma_user_version) = :schema
    and (:only is null or waiting.id = :only)
    and waiting.type in (select key from json_each(:usual))
    and (waiting.lane is null or :per_lane > (
      select count(*) from tasks running
      where running.lane = waiting.lane and running.current_status = 'processing'))
    and (waiting.account is null or not exists (
      select 1 from tasks running
      where running.account = waiting.account and running.current_status = 'processing'))
  order by coalesce(waiting.run_at, waiting.created_at), waiting.rowid
  limit 1)
returning *
"""

STEP = """
update tasks set
  result_data = iif(:planned,
    with_entry(result_data, :message, :now), with_message(result_data, :message, :now)),
  lease_expires_at = :lease
where id = :id and attempt = :attempt and current_status = 'processing'
returning cancel_requested, json_array_length(result_data, '$.progress') as entries
"""

COUNT = """
update tasks set
  result_data = with_keys(result_data, :count),
  lease_expires_at = :lease
where id = :id and attempt = :attempt and current_status = 'processing'
returning cancel_requested, json_array_length(result_data, '$.progress') as entries
"""

NOTE = """
update tasks set result_data = with_message(result_data, :message, :now)
where id = :id and current_status = 'processing'
returning id
"""

INTENT = """
update tasks set
  result_data = with_entry(result_data, :message, :now),
  intent = json_set(:intent, '$.at', :now),
  lease_expires_at = :lease
where id = :id and attempt = :attempt and current_status = 'processing'
  and intent is null
  and not cancel_requested
  and lease_expires_at > :boot_ms
  and (again or identity is null or not exists (
    select 1 from tasks twin
    where twin.identity = tasks.identity and twin.id <> tasks.id and twin.intent is not null
      and twin.current_status in ('processing', 'failed')))
returning id
"""

# Only the intent's own writer knows that it did not act; whoever owns the row by now.
WITHDRAW = """
update tasks set
  intent = null,
  current_status = iif(attempt < max_attempts, 'pending', 'failed'),
  completed_at = iif(attempt < max_attempts, null, :now),
  error_message = iif(attempt < max_attempts, null, :message),
  result_data = with_entry(result_data, :message, :now),
  worker = null,
  lease_expires_at = null
where id = :id and current_status in ('processing', 'failed')
  and json_extract(intent, '$.attempt') = :attempt
returning *
"""

BEAT = """
update tasks set lease_expires_at = :lease
where current_status = 'processing' and worker = :worker and lease_expires_at > :boot_ms
  and (id, attempt) in (
    select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(:tasks))
returning id, cancel_requested
"""

SEEN = "update workers set seen_at = :now, lease_expires_at = :lease where id = :worker"

# Evidence that the thing was bought is true whoever brings it, so it needs no valid attempt; it
# also stops a task that was put back in the queue because somebody thought it was not.
END = """
update tasks set
  current_status = :status,
  error_message = :error,
  completed_at = :now,
  intent = case
    when :clears_intent then null
    when :evidence is not null then json_set(coalesce(intent, '{}'), '$.bought_by', :evidence)
    else intent
  end,
  result_data = with_keys(
    with_entry(
      with_entry(result_data, iif(
        intent is null and (attempt <> :attempt or current_status <> 'processing'),
        :late, null), :now),
      :message, :now),
    :result),
  lease_expires_at = null
where id = :id and (
  (attempt = :attempt and current_status = 'processing')
  or (:evidence is not null and current_status <> 'completed'))
returning *
"""

# A completed task stays completed; that it was bought twice is said aloud all the same.
CONFLICT = """
update tasks set result_data = with_entry(result_data, :message, :now)
where id = :id and current_status = 'completed'
returning *
"""

# For its owner (:id and :attempt), or for anybody once the lease is over (:id is null): run out,
# or of another boot. An intent that stands is never released: that is what `take` is for.
RELEASE = """
with lost as (
  select id as lost_id,
    case
      when cancel_requested then 'cancelled'
      when :free or attempt < max_attempts then 'again'
      else 'exhausted'
    end as fate,
    iif(crashes = 0, '', (crashes + 1) || ' times ') || 'at: '
      || coalesce(json_extract(result_data, '$.progress[#-1].message'), 'the start') as place
  from tasks
  where current_status = 'processing' and intent is null
    and iif(:id is null,
      coalesce(lease_expires_at, 0) <= :boot_ms
        or worker in (select id from workers where boot_id <> :this_boot),
      id = :id and attempt = :attempt)
)
update tasks set
  current_status = iif(fate = 'again', 'pending', 'failed'),
  max_attempts = max_attempts + :free,
  crashes = crashes + (not :free),
  completed_at = iif(fate = 'again', null, :now),
  error_message = case fate
    when 'cancelled' then 'Cancelled'
    when 'exhausted' then clean(:reason || ' ' || place)
  end,
  result_data = with_entry(result_data, case fate
    when 'again' then :reason || ': back in the queue'
    when 'cancelled' then 'Cancelled'
    else failure(plan, :reason || ' ' || place)
  end, :now),
  worker = null,
  lease_expires_at = null
from lost where id = lost_id
returning *
"""

REAP = RELEASE

# What is needed to look for the order is on the host that wrote the intent; others leave the task
# to that host until its window is over, and to those who know its type for twice as long. An intent
# of another boot is older than any window.
TAKE = """
update tasks set attempt = attempt + 1, worker = :worker, lease_expires_at = :lease
where id = (
  select id from (
    select id, type, lease_expires_at,
      json_extract(intent, '$.host') as host,
      iif(json_extract(intent, '$.boot_id') = :this_boot,
        :boot_ms - json_extract(intent, '$.boot_ms'), 9e15) as age_ms
    from tasks
    where current_status = 'processing' and intent is not null
      and (:only is null or id = :only)
      and (coalesce(lease_expires_at, 0) <= :boot_ms
        or worker in (select id from workers where boot_id <> :this_boot)))
  where (host = :host or age_ms >= :window_ms)
    and (type in (select value from json_each(:types)) or age_ms >= 2 * :window_ms)
  order by lease_expires_at limit 1)
returning *
"""

CANCEL = """
update tasks set
  cancel_requested = 1,
  current_status = iif(current_status = 'pending', 'failed', current_status),
  completed_at = iif(current_status = 'pending', :now, null),
  error_message = iif(current_status = 'pending', 'Cancelled', null),
  result_data = with_entry(result_data, iif(current_status = 'pending', 'Cancelled', null), :now)
where id = :id and current_status in ('pending', 'processing') and intent is null
returning *
"""

RETRY = """
update tasks set
  current_status = 'pending', cancel_requested = 0, crashes = 0, run_at = null,
  max_attempts = attempt + :attempts,
  started_at = null, completed_at = null, error_message = null
where id = :id and current_status = 'failed' and intent is null
returning *
"""

RESOLVE = """
update tasks set
  current_status = :status,
  intent = iif(:done, intent, null),
  error_message = :error,
  started_at = iif(:status = 'pending', null, started_at),
  completed_at = iif(:status = 'pending', null, :now),
  run_at = null,
  crashes = 0,
  max_attempts = iif(:status = 'pending', attempt + :attempts, max_attempts),
  result_data = with_keys(with_entries(result_data, :messages, :now), :result)
where id = :id and current_status = 'failed' and intent is not null
returning *
"""

# Only what has ended and is known; nothing either by which somebody, who must find out what became
# of a payment, sees what else was tried.
_PRUNABLE = """
  current_status in ('completed', 'failed') and completed_at < :before
    and outcome <> 'unknown'
    and (identity is null or not exists (
      select 1 from tasks twin
      where twin.identity = tasks.identity and twin.intent is not null
        and twin.current_status in ('processing', 'failed')))
"""

PRUNABLE = f"""
select id from tasks where {_PRUNABLE} order by completed_at
"""  # noqa: S608 - ours alone

PRUNE = f"""
delete from tasks where id in (select value from json_each(:ids)) and {_PRUNABLE}
returning id
"""  # noqa: S608 - ours alone

GET = "select * from tasks where id = :id"

# "~" comes after every character of an id, so this is one range of the primary key.
FIND = """
select * from tasks where id >= :prefix and id < :prefix || '~'
order by created_at desc, rowid desc limit :limit
"""

LIST = """
select * from tasks
where (:status is null or current_status = :status)
  and (:outcome is null or outcome = :outcome)
  and (:type is null or type = :type)
  and (:identity is null or identity = :identity)
  and (:since is null or created_at >= :since)
  and (:text is null or instr(lower(
    id || ' ' || type || ' ' || params || ' ' || coalesce(error_message, '') || ' '
      || coalesce(account, '')), lower(:text)))
  and created_at <= coalesce((select created_at from tasks where id = :after), '~')
  and (:after is null
    or (created_at, rowid) < (select created_at, rowid from tasks where id = :after))
order by created_at desc, rowid desc limit :limit
"""

# All that a task is; its lease is its worker's alone.
LOOK = """
select id, type, current_status, result_data, error_message, created_at, started_at, completed_at,
  params, plan, key, identity, lane, account, attempt, max_attempts, worker, intent,
  cancel_requested, outcome
from tasks where id in (select value from json_each(:ids))
"""

EVERY = """
select * from tasks
where (:type is null or type = :type) and (:since is null or created_at >= :since)
"""

HELD = "select * from tasks where worker = :worker and current_status = 'processing'"

HOLDER = "select * from tasks where account = :account and current_status = 'processing'"

COUNTS = "select coalesce(outcome, current_status) as word, count(*) as n from tasks group by 1"

PROGRESS_SINCE = """
select tasks.id, tasks.type, current_status, error_message, created_at, started_at, completed_at,
  params, plan, tasks.key, identity, lane, account, attempt, max_attempts, worker, intent,
  cancel_requested, outcome,
  json_set(tasks.result_data, '$.progress', (
    select json_group_array(json(entry.value))
    from json_each(tasks.result_data, '$.progress') entry where entry.key >= wanted.value
  )) as result_data
from json_each(:seen) wanted join tasks on tasks.id = wanted.key
"""

HISTORY = """
select * from tasks
where current_status = 'completed' and type = :type
  and json_extract(result_data, '$.dry_run') is null
order by completed_at desc limit :limit
"""

WORKERS = "select * from workers where left_at is null order by started_at"

ENLIST = """
insert into workers (id, name, host, boot_id, pid_namespace, pid, pid_started,
  started_at, seen_at, lease_expires_at, slots, types)
values (:id, :name, :host, :boot_id, :pid_namespace, :pid, :pid_started,
  :now, :now, :lease, :slots, :types)
returning *
"""

LEAVE = "update workers set left_at = :now where id = :worker and left_at is null"

VOID = """
update tasks set lease_expires_at = 0 where worker = :worker and current_status = 'processing'
"""
