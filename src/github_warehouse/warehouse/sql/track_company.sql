-- track a company, and initialize its ingestion state
insert into companies (company_id, company_name, account_type, is_tracked)
values (%(company_id)s, %(company_name)s, %(account_type)s, true)
on conflict (company_id) do update
set is_tracked = true
where not companies.is_tracked;

-- a login that now belongs to another account is released by its old owner
update ingestion_state
set source = ingestion_state.source || '#' || ingestion_state.company_id
where
    lower(ingestion_state.source) = lower(%(source)s)
    and ingestion_state.company_id <> %(company_id)s;

insert into ingestion_state (source, company_id, tracked_at)
values (%(source)s, %(company_id)s, now())
on conflict (company_id) do update
set tracked_at = excluded.tracked_at
where ingestion_state.tracked_at is null;
