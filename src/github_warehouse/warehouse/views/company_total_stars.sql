-- Question: How many stars, forks, etc. does each company have, by day?
-- Grain: one company on one day (UTC), kept forever.
-- Source: company_daily, companies.
-- Caveats: as of each day; a later transfer of a repository changes nothing.

create or replace view company_total_stars as
select
    companies.company_name,
    company_daily.snapshot_date,
    company_daily.{total} as total_{total},
    company_daily.repos as repo_count,
    company_daily.repos_languages_read
from company_daily
inner join companies
    on companies.company_id = company_daily.company_id;

comment on view company_total_stars is
    'One row per company per UTC day: totals over its repositories.';
comment on column company_total_stars.company_name is
    'Latest login in GitHub''s spelling, also for earlier days.';
comment on column company_total_stars.snapshot_date is 'UTC day.';
comment on column company_total_stars.total_{total} is {comment};
comment on column company_total_stars.repo_count is
    'Repositories on that day, count.';
comment on column company_total_stars.repos_languages_read is
    'Repositories whose languages had been read by that day, count; null if '
    'unknown.';
