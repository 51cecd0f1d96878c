-- tracked companies that were not fully read for two days; one that was never
-- fully read counts from when it was tracked, or, where that is not known, from
-- the first run that tried
select
    companies.company_id,
    companies.company_name,
    coalesce(
        ingestion_state.last_run,
        ingestion_state.tracked_at,
        min(pipeline_run_companies.started_at)
    ) as since
from companies
inner join ingestion_state
    on ingestion_state.company_id = companies.company_id
left join pipeline_run_companies
    on
        pipeline_run_companies.company_id = companies.company_id
        and ingestion_state.last_run is null
where companies.is_tracked
group by
    companies.company_id,
    companies.company_name,
    ingestion_state.last_run,
    ingestion_state.tracked_at
having
    coalesce(
        ingestion_state.last_run,
        ingestion_state.tracked_at,
        min(pipeline_run_companies.started_at)
    ) <= %(now)s - interval '2 days'
order by companies.company_name;
