-- A role that works with the tables, and owns none of them.
do $$ begin
  if not exists (select from pg_roles where rolname = 'ROLE') then
    raise exception 'there is no role ROLE. Make it: create role ROLE login password …';
  end if;
  grant usage on schema "HOME", taskq to "ROLE";
  grant select, insert, update, delete on public.tasks to "ROLE";
  grant select on public.task_progress, taskq.migrations to "ROLE";
  grant select, insert, update on taskq.workers to "ROLE";
  drop policy if exists "taskq_ROLE" on public.tasks;
  create policy "taskq_ROLE" on public.tasks to "ROLE" using (true) with check (true);
  drop policy if exists "taskq_ROLE" on taskq.workers;
  create policy "taskq_ROLE" on taskq.workers to "ROLE" using (true) with check (true);
  drop policy if exists "taskq_ROLE" on taskq.migrations;
  create policy "taskq_ROLE" on taskq.migrations for select to "ROLE" using (true);
end $$;
