-- the result of reading one company
insert into fetched_companies (
    company_id,
    company_name,
    account_type,
    started_at,
    finished_at,
    status,
    mode,
    read_by,
    repositories_observed,
    requests,
    points,
    budget_left,
    error
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s);
