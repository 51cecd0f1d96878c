-- begin and end the tracking periods of repositories

-- a removed repository that is observed again begins a new tracking period,
-- unless no day was missed: it returned, or its company is tracked again. Its
-- languages must be read again in both cases
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
