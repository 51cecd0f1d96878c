-- companies that lost more than a tenth of their stars from one day to the next
select
    companies.company_name,
    company_daily.snapshot_date,
    earlier.stars as stars_before,
    company_daily.stars
from company_daily
inner join company_daily as earlier
    on
        earlier.company_id = company_daily.company_id
        and earlier.snapshot_date = company_daily.snapshot_date - 1
inner join companies
    on companies.company_id = company_daily.company_id
where
    company_daily.snapshot_date between %(first_day)s and %(last_day)s
    and company_daily.stars < 0.9 * earlier.stars;
