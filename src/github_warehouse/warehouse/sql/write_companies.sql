-- update companies to GitHub's current spelling and account type
update companies
set
    company_name = fetched_companies.company_name,
    account_type = fetched_companies.account_type
from fetched_companies
where
    companies.company_id = fetched_companies.company_id
    and (companies.company_name, companies.account_type)
    is distinct from (
        fetched_companies.company_name,
        fetched_companies.account_type
    );
