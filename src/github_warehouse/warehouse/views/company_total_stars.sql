-- Question: How many stars, forks, open issues ... has each company, by day?
-- Grain: one company on one day (UTC), for ever.
-- Source: company_daily, companies.
-- Caveats: as of each day; a later move of a repository changes no day.

create view company_total_stars as
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
    'Login as GitHub spells it now, on all days.';
comment on column company_total_stars.snapshot_date is 'UTC day.';
comment on column company_total_stars.total_{total} is {comment};
comment on column company_total_stars.repo_count is
    'Repositories on that day, count.';
comment on column company_total_stars.repos_languages_read is
    'Those of them whose languages had been read by that day, count; null '
    'where it is not recorded.';
