-- logins of companies that were tracked and are not any more
select lower(ingestion_state.source) as login
from companies
inner join ingestion_state
    on ingestion_state.company_id = companies.company_id
where not companies.is_tracked
union
select lower(companies.company_name) as login
from companies
where not companies.is_tracked;
