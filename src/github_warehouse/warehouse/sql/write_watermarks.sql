-- how far each company was read; it moves only for one read whole
update ingestion_state
set
    last_run = fetched_companies.started_at,
    last_sweep = case
        when fetched_companies.mode = 'sweep'
            then fetched_companies.started_at
        else ingestion_state.last_sweep
    end
from fetched_companies
where
    ingestion_state.company_id = fetched_companies.company_id
    and fetched_companies.status = 'succeeded';
