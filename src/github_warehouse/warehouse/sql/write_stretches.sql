-- where each repository's present stretch of snapshots begins and ends

-- an observed repository without a snapshot on the latest day begins a new
-- stretch: it is new, it has come back, or its company is tracked again
update repos
set
    tracked_from = case
        when repos.removed_on = %(day)s then repos.tracked_from
        else %(day)s
    end,
    removed_on = null
from observed_repos
where
    repos.id = observed_repos.repo_id
    and (repos.removed_on is not null or repos.tracked_from < %(day)s)
    and not exists (
        select
        from repo_snapshots
        where
            repo_snapshots.repo_id = repos.id
            and repo_snapshots.snapshot_date = %(base_day)s
    );

update repos
set removed_on = %(day)s
from gone_repos
where
    repos.id = gone_repos.repo_id
    and repos.removed_on is null;
