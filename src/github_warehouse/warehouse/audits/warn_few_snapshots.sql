-- a company with fewer than nine tenths of the snapshots of the day before
select
    companies.company_name,
    company_daily.snapshot_date,
    earlier.repos as snapshots_before,
    company_daily.repos as snapshots
from company_daily
inner join company_daily as earlier
    on
        earlier.company_id = company_daily.company_id
        and earlier.snapshot_date = company_daily.snapshot_date - 1
inner join companies
    on companies.company_id = company_daily.company_id
where
    company_daily.snapshot_date between %(first_day)s and %(last_day)s
    and company_daily.repos < 0.9 * earlier.repos;
