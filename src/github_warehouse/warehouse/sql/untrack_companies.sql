-- stop tracking companies. All their rows stay; the tracking periods of their
-- repositories end with the latest recorded day
update repos
set
    removed_on = (
        select max(repo_snapshots.snapshot_date) + 1 from repo_snapshots
    )
where
    repos.company_id = any(%(company_ids)s::bigint[])
    and repos.removed_on is null;

update companies
set is_tracked = false
where company_id = any(%(company_ids)s::bigint[]);

-- without watermarks, tracking a company again begins with a sweep
update ingestion_state
set
    last_run = null,
    last_sweep = null,
    tracked_at = null
where company_id = any(%(company_ids)s::bigint[]);
