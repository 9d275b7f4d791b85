-- Who is logged in may read: every task, or their own where the table says whose it is.
do $$ begin
  if not exists (select from pg_roles where rolname = 'authenticated') then
    raise exception 'there is no role authenticated: this is no Supabase database';
  end if;
  grant usage on schema "HOME" to authenticated;
  grant select on public.tasks, public.task_progress to authenticated;
  drop policy if exists taskq_read on public.tasks;
  if exists (select from pg_attribute
      where attrelid = 'public.tasks'::regclass and attname = 'owner' and not attisdropped) then
    create policy taskq_read on public.tasks for select to authenticated
      using (owner::text = auth.uid()::text);
  else
    create policy taskq_read on public.tasks for select to authenticated using (true);
  end if;
end $$;
