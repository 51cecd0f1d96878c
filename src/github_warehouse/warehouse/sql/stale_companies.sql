-- which tracked companies were not read whole for two days? One that never
-- was, counts from the first run that tried
select
    companies.company_name,
    tries.since
from companies
inner join ingestion_state
    on ingestion_state.company_id = companies.company_id
cross join lateral (
    select
        coalesce(
            ingestion_state.last_run,
            min(pipeline_run_companies.started_at)
        ) as since
    from pipeline_run_companies
    where pipeline_run_companies.company_id = companies.company_id
) as tries
where
    companies.is_tracked
    and tries.since <= %(now)s - interval '2 days'
order by companies.company_name;
