-- move the watermark of each company that was fully read. It is the start of
-- the run, not of reading the company, which may be after midnight: whatever a
-- run observes belongs to the day on which the run began
update ingestion_state
set
    last_run = %(started_at)s,
    last_sweep = case
        when fetched_companies.mode = 'sweep'
            then %(started_at)s
        else ingestion_state.last_sweep
    end
from fetched_companies
where
    ingestion_state.company_id = fetched_companies.company_id
    and fetched_companies.status = 'succeeded';
