-- tracked companies whose last read is in the future. Two correct clocks may
-- differ by five minutes
select data_freshness.company_name
from data_freshness
where
    data_freshness.last_run > %(now)s + interval '5 minutes'
    or data_freshness.snapshot_date
    > ((%(now)s + interval '5 minutes') at time zone 'UTC')::date
order by data_freshness.company_name;
