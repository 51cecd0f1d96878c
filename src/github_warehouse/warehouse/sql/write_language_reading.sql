-- when the languages of each repository were read, and what is pending

-- stamped when they had to be read: never read, pushed to since, read within
-- a day of the push (GitHub's analysis lags behind it), or a month ago; so
-- that both sources leave the same stamp, whichever reads more than it must
update repos
set
    languages_observed_at = %(started_at)s,
    languages_pushed_at = repos.pushed_at
from observed_repos
where
    repos.id = observed_repos.repo_id
    and observed_repos.languages_were_read
    and (
        repos.languages_observed_at is null
        or repos.languages_pushed_at is distinct from repos.pushed_at
        or (
            (repos.languages_observed_at at time zone 'UTC')::date < %(day)s
            and (
                repos.languages_observed_at
                < repos.languages_pushed_at + interval '1 day'
                or repos.languages_observed_at
                < %(started_at)s - interval '30 days'
                or repos.languages_empty_since is not null
            )
        )
    );

-- an empty answer that is not believed yet is pending
update repos
set
    languages_empty_since = case
        when observed_repos.languages_are_doubted then %(day)s
    end
from observed_repos
where
    repos.id = observed_repos.repo_id
    and observed_repos.languages_were_read
    and observed_repos.languages_are_doubted
    = (repos.languages_empty_since is null);
