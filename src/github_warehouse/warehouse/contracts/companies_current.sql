-- Question: Which companies are there, and how large is each now?
-- Grain: one company ever tracked, with the totals of its latest day.
-- Source: companies, ingestion_state, company_daily.
-- Caveats: the latest day of an untracked company is its last one.

create or replace view companies_current as
with latest_days as (
    select
        company_daily.company_id,
        max(company_daily.snapshot_date) as snapshot_date
    from company_daily
    group by company_daily.company_id
)

select
    companies.company_id,
    companies.company_name,
    companies.account_type,
    companies.is_tracked,
    ingestion_state.source as tracked_login,
    ingestion_state.tracked_at,
    ingestion_state.last_run,
    ingestion_state.last_sweep,
    latest_days.snapshot_date,
    company_daily.repos as repo_count,
    company_daily.{total},
    company_daily.repos_languages_read
from companies
left join ingestion_state
    on ingestion_state.company_id = companies.company_id
left join latest_days
    on latest_days.company_id = companies.company_id
left join company_daily
    on
        company_daily.company_id = latest_days.company_id
        and company_daily.snapshot_date = latest_days.snapshot_date;

comment on view companies_current is
    'One row per GitHub account (organization or user) that was ever tracked, '
    'with the totals of its latest day.';
comment on column companies_current.company_id is
    'GitHub''s numeric ID of the account. It never changes, unlike the login.';
comment on column companies_current.company_name is
    'Login in GitHub''s spelling, as last observed.';
comment on column companies_current.account_type is
    'Organization or User, as GitHub calls it.';
comment on column companies_current.is_tracked is
    'Whether the daily ingest records the company.';
comment on column companies_current.tracked_login is
    'Login under which the company is tracked; LOGIN#ID once another account '
    'is tracked under that login.';
comment on column companies_current.tracked_at is
    'When the company was last tracked, UTC; null while it is untracked, and '
    'for one tracked before version 0.2.';
comment on column companies_current.last_run is
    'Watermark, UTC: start of the last run that fully read the company; null '
    'before the first one and after untracking.';
comment on column companies_current.last_sweep is
    'Start of the last run that read every repository of the company, UTC; '
    'null before the first one and after untracking.';
comment on column companies_current.snapshot_date is
    'Latest UTC day recorded for the company; null if there is none.';
comment on column companies_current.repo_count is
    'Repositories on that day, count.';
comment on column companies_current.repos_languages_read is
    'Repositories whose languages had been read by that day, count; null if '
    'unknown.';
comment on column companies_current.{total} is {comment};
