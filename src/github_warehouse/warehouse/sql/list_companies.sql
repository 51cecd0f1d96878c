-- every company ever tracked, with its state
select
    companies.company_id,
    companies.company_name,
    companies.account_type,
    ingestion_state.source,
    companies.is_tracked,
    (
        select count(*)
        from repos
        where
            repos.company_id = companies.company_id
            and repos.removed_on is null
    ) as repositories,
    ingestion_state.last_run,
    ingestion_state.last_sweep
from companies
inner join ingestion_state
    on ingestion_state.company_id = companies.company_id
order by lower(companies.company_name), companies.company_id;
