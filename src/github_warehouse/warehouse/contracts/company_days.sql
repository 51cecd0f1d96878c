-- Question: What were the totals of each company on each day?
-- Grain: one company on one day (UTC), kept forever.
-- Source: company_daily, companies.
-- Caveats: as of each day; a later transfer of a repository changes nothing.

create or replace view company_days as
select
    company_daily.company_id,
    company_daily.snapshot_date,
    companies.company_name,
    company_daily.repos as repo_count,
    company_daily.{total},
    company_daily.repos_languages_read
from company_daily
inner join companies
    on companies.company_id = company_daily.company_id;

comment on view company_days is
    'One row per tracked company per UTC day: totals as of that day, kept '
    'forever.';
comment on column company_days.company_id is
    'GitHub''s numeric ID of the account.';
comment on column company_days.snapshot_date is 'UTC day.';
comment on column company_days.company_name is
    'Latest login in GitHub''s spelling, on all days.';
comment on column company_days.repo_count is
    'Repositories on that day, count.';
comment on column company_days.repos_languages_read is
    'Repositories whose languages had been read by that day, count; null if '
    'unknown.';
comment on column company_days.{total} is {comment};
