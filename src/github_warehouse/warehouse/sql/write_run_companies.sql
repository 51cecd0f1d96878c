-- one row per company of the run
insert into pipeline_run_companies (
    run_id,
    company_id,
    started_at,
    finished_at,
    status,
    mode,
    source,
    repositories_observed,
    snapshots_fresh,
    snapshots_carried,
    requests,
    points,
    budget_left,
    error
)
select
    %(run_id)s as run_id,
    fetched_companies.company_id,
    fetched_companies.started_at,
    fetched_companies.finished_at,
    fetched_companies.status,
    fetched_companies.mode,
    fetched_companies.read_by as source,
    fetched_companies.repositories_observed,
    count(*) filter (
        where repo_snapshots.observed_on = repo_snapshots.snapshot_date
    ) as snapshots_fresh,
    count(*) filter (
        where repo_snapshots.observed_on < repo_snapshots.snapshot_date
    ) as snapshots_carried,
    fetched_companies.requests,
    fetched_companies.points,
    fetched_companies.budget_left,
    fetched_companies.error
from fetched_companies
left join repo_snapshots
    on
        repo_snapshots.company_id = fetched_companies.company_id
        and repo_snapshots.snapshot_date = %(day)s
group by fetched_companies.company_id;
