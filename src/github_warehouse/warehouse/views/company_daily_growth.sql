-- Question: How much does each company gain from one day to the next?
-- Grain: one company on one day (UTC), for ever.
-- Source: company_daily, companies.
-- Caveats: growth includes repositories that came, left or moved.

create view company_daily_growth as
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
-- the name follows from the id: it stands here so that a filter on it
-- reaches the table
window company_days as (
    partition by companies.company_id, companies.company_name
    order by company_daily.snapshot_date
);

comment on view company_daily_growth is
    'One row per company per UTC day: totals, and what they gained since its '
    'day before.';
comment on column company_daily_growth.company_name is
    'Login as GitHub spells it now, on all days.';
comment on column company_daily_growth.snapshot_date is 'UTC day.';
comment on column company_daily_growth.total_stars is
    'Sum of stars over its repositories, count.';
comment on column company_daily_growth.star_growth is
    'Stars gained since the company''s day before, count; null on its first.';
comment on column company_daily_growth.total_forks is
    'Sum of forks over its repositories, count.';
comment on column company_daily_growth.fork_growth is
    'Forks gained since the company''s day before, count; null on its first.';
comment on column company_daily_growth.repo_count is
    'Repositories on that day, count.';
comment on column company_daily_growth.repo_growth is
    'Repositories gained since the company''s day before, count; null on its '
    'first.';
