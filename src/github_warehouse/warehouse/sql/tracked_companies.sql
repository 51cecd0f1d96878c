-- which companies are tracked, and how far was each of them read?
select
    companies.company_id,
    companies.company_name,
    companies.account_type,
    ingestion_state.source,
    ingestion_state.last_run,
    ingestion_state.last_sweep
from companies
inner join ingestion_state
    on ingestion_state.company_id = companies.company_id
where companies.is_tracked
order by lower(companies.company_name), companies.company_id;
