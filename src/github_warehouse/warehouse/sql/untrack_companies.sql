-- record these companies no more; all their rows stay, and the stretches of
-- their repositories end with the latest day there is
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

-- whoever is tracked again is swept first
update ingestion_state
set
    last_run = null,
    last_sweep = null,
    tracked_at = null
where company_id = any(%(company_ids)s::bigint[]);
