-- where each repository's present stretch of snapshots begins and ends

-- an observed repository that was gone begins a new stretch: it has come
-- back, or its company is tracked again; unless no day is between. Either way
-- its languages must be read again
update repos
set
    tracked_from = case
        when repos.removed_on >= %(day)s then repos.tracked_from
        else %(day)s
    end,
    removed_on = null,
    languages_observed_at = null,
    languages_pushed_at = null,
    languages_empty_since = null
from observed_repos
where
    repos.id = observed_repos.repo_id
    and repos.removed_on is not null;

update repos
set removed_on = %(day)s
from gone_repos
where
    repos.id = gone_repos.repo_id
    and repos.removed_on is null;
