-- sessions that hold locks our sessions wait for, oldest first; `since` is
-- null if the role may not see it; only the role that logged in sees its
-- sessions, not one that it was set to
set local role none;

select
    blocking.pid,
    blocking.usename,
    blocking.application_name,
    coalesce(blocking.xact_start, blocking.backend_start) as since,
    waiting.wait_event = 'advisory' as is_advisory
from pg_stat_activity as waiting
cross join unnest(pg_blocking_pids(waiting.pid)) as blockers (pid)
inner join pg_stat_activity as blocking
    on blocking.pid = blockers.pid
where
    waiting.wait_event_type = 'Lock'
    and waiting.datname = current_database()
    and waiting.usename = current_user
    and waiting.application_name = current_setting('application_name')
order by since, blocking.pid
limit 3;
