-- tracked companies whose last read is in the future. Two correct clocks may
-- differ by five minutes
select
    companies.company_id,
    companies.company_name
from companies
left join ingestion_state
    on ingestion_state.company_id = companies.company_id
where
    companies.is_tracked
    and (
        ingestion_state.last_run > %(now)s + interval '5 minutes'
        or exists (
            select
            from company_daily
            where
                company_daily.company_id = companies.company_id
                and company_daily.snapshot_date
                > ((%(now)s + interval '5 minutes') at time zone 'UTC')::date
        )
    )
order by companies.company_name;
