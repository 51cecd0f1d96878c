-- a tracked company that was not fully read, and of which nothing was
-- observed, for two days
select
    companies.company_name,
    ingestion_state.last_run,
    max(repo_snapshots.observed_on) as last_observed_on
from repo_snapshots
inner join companies
    on companies.company_id = repo_snapshots.company_id
inner join ingestion_state
    on ingestion_state.company_id = companies.company_id
where
    repo_snapshots.snapshot_date = %(last_day)s
    and companies.is_tracked
    and (
        ingestion_state.last_run is null
        or (ingestion_state.last_run at time zone 'UTC')::date
        <= %(last_day)s - 2
    )
group by companies.company_name, ingestion_state.last_run
having max(repo_snapshots.observed_on) <= %(last_day)s - 2;
