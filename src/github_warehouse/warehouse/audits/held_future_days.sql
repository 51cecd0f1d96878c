-- days and watermarks in the future by PostgreSQL's clock, written by a run
-- whose own clock was ahead
select
    'repo_snapshots' as table_name,
    max(repo_snapshots.snapshot_date)::text as latest
from repo_snapshots
having max(repo_snapshots.snapshot_date) > (now() at time zone 'UTC')::date
union all
select
    'company_daily' as table_name,
    max(company_daily.snapshot_date)::text as latest
from company_daily
having max(company_daily.snapshot_date) > (now() at time zone 'UTC')::date
union all
select
    'ingestion_state' as table_name,
    max(ingestion_state.last_run)::text as latest
from ingestion_state
having max(ingestion_state.last_run) > now() + interval '1 hour';
