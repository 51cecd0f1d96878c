-- Question: How fresh is each company's data?
-- Grain: one tracked company.
-- Source: companies, ingestion_state, company_daily, repo_snapshots.
-- Caveats: days_behind is counted from today by PostgreSQL's clock.

create or replace view data_freshness as
with latest_days as (
    select
        companies.company_id,
        max(company_daily.snapshot_date) as snapshot_date
    from companies
    inner join company_daily
        on company_daily.company_id = companies.company_id
    where companies.is_tracked
    group by companies.company_id
),

day_snapshots as (
    select
        latest_days.company_id,
        count(*) as snapshots,
        count(*) filter (
            where repo_snapshots.observed_on < repo_snapshots.snapshot_date
        ) as snapshots_carried
    from latest_days
    inner join repo_snapshots
        on repo_snapshots.company_id = latest_days.company_id
        and repo_snapshots.snapshot_date = latest_days.snapshot_date
    -- redundant, but lets PostgreSQL skip the partitions of earlier days
    where repo_snapshots.snapshot_date >= (
        select min(latest_days.snapshot_date)
        from latest_days
    )
    group by latest_days.company_id
)

select
    companies.company_name,
    ingestion_state.last_run,
    ingestion_state.last_sweep,
    (now() at time zone 'UTC')::date
    - (ingestion_state.last_run at time zone 'UTC')::date as days_behind,
    latest_days.snapshot_date,
    coalesce(day_snapshots.snapshots, 0) as snapshots,
    round(
        100.0 * day_snapshots.snapshots_carried / day_snapshots.snapshots, 2
    ) as carried_percent,
    company_daily.repos_languages_read
from companies
left join ingestion_state
    on ingestion_state.company_id = companies.company_id
left join latest_days
    on latest_days.company_id = companies.company_id
left join company_daily
    on
        company_daily.company_id = latest_days.company_id
        and company_daily.snapshot_date = latest_days.snapshot_date
left join day_snapshots
    on day_snapshots.company_id = companies.company_id
where companies.is_tracked;

comment on view data_freshness is 'One row per tracked company.';
comment on column data_freshness.company_name is
    'Login in GitHub''s spelling.';
comment on column data_freshness.last_run is
    'Watermark, UTC: start of the last run that fully read the company; null '
    'before the first.';
comment on column data_freshness.last_sweep is
    'Start, UTC, of the last run that read every repository of the company; '
    'null before the first.';
comment on column data_freshness.days_behind is
    'Days between the UTC day of last_run and today; null if the company was '
    'never read.';
comment on column data_freshness.snapshot_date is
    'Latest UTC day recorded for the company; null if there is none.';
comment on column data_freshness.snapshots is
    'Repository snapshots of that day, count.';
comment on column data_freshness.carried_percent is
    'Percent (0 to 100) of those snapshots whose counters are carried forward '
    'from an earlier day; null if there are no snapshots.';
comment on column data_freshness.repos_languages_read is
    'Repositories of that day whose languages had been read, count; the next '
    'runs read the others. Null if unknown.';
