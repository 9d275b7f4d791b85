-- Each change of a task is told to who listens to Supabase's Realtime.
do $$ begin
  if not exists (select from pg_publication where pubname = 'supabase_realtime') then
    raise exception 'there is no publication supabase_realtime: this is no Supabase database';
  end if;
  if not exists (select from pg_publication_tables where pubname = 'supabase_realtime'
      and schemaname = 'HOME' and tablename = 'tasks') then
    alter publication supabase_realtime add table public.tasks;
  end if;
end $$;
