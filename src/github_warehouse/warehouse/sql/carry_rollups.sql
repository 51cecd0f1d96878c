-- totals of the days that were missed: those of the latest day there is
insert into company_daily (
    company_id,
    snapshot_date,
    repos,
    stars,
    forks,
    open_issues
)
select
    company_daily.company_id,
    missed_days.missed_day::date as snapshot_date,
    company_daily.repos,
    company_daily.stars,
    company_daily.forks,
    company_daily.open_issues
from company_daily
inner join companies
    on companies.company_id = company_daily.company_id
cross join generate_series(
    %(base_day)s + 1,
    %(day)s - 1,
    interval '1 day'
) as missed_days (missed_day)
where
    company_daily.snapshot_date = %(base_day)s
    and companies.is_tracked;

insert into company_language_daily (
    company_id,
    snapshot_date,
    language_id,
    repos,
    bytes
)
select
    company_language_daily.company_id,
    missed_days.missed_day::date as snapshot_date,
    company_language_daily.language_id,
    company_language_daily.repos,
    company_language_daily.bytes
from company_language_daily
inner join companies
    on companies.company_id = company_language_daily.company_id
cross join generate_series(
    %(base_day)s + 1,
    %(day)s - 1,
    interval '1 day'
) as missed_days (missed_day)
where
    company_language_daily.snapshot_date = %(base_day)s
    and companies.is_tracked;
