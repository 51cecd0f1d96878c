-- Question: How much does each company gain from one day to the next?
-- Grain: one company on one day (UTC), kept forever.
-- Source: company_daily, companies.
-- Caveats: growth includes added, removed and transferred repositories.

create or replace view company_daily_growth as
select
    companies.company_name,
    company_daily.snapshot_date,
    company_daily.stars as total_stars,
    company_daily.stars
    - lag(company_daily.stars) over company_days as star_growth,
    company_daily.forks as total_forks,
    company_daily.forks
    - lag(company_daily.forks) over company_days as fork_growth,
    company_daily.repos as repo_count,
    company_daily.repos
    - lag(company_daily.repos) over company_days as repo_growth
from company_daily
inner join companies
    on companies.company_id = company_daily.company_id
-- the name is redundant here, but with it PostgreSQL can push a filter on the
-- name down to the table
window company_days as (
    partition by companies.company_id, companies.company_name
    order by company_daily.snapshot_date
);

comment on view company_daily_growth is
    'One row per company per UTC day: totals, and their change since the '
    'company''s previous day.';
comment on column company_daily_growth.company_name is
    'Current login in GitHub''s spelling, on all days.';
comment on column company_daily_growth.snapshot_date is 'UTC day.';
comment on column company_daily_growth.total_stars is
    'Sum of stars over its repositories, count.';
comment on column company_daily_growth.star_growth is
    'Change in stars since the company''s previous day, count; null on its '
    'first day.';
comment on column company_daily_growth.total_forks is
    'Sum of forks over its repositories, count.';
comment on column company_daily_growth.fork_growth is
    'Change in forks since the company''s previous day, count; null on its '
    'first day.';
comment on column company_daily_growth.repo_count is
    'Repositories on that day, count.';
comment on column company_daily_growth.repo_growth is
    'Change in the number of repositories since the company''s previous day; '
    'null on its first day.';
