-- when the languages of each repository were read, and what is pending

-- stamped when they had to be read, so that both sources leave the same
-- stamp, though GraphQL reads more often than it must
update repos
set
    languages_observed_at = %(started_at)s,
    languages_pushed_at = repos.pushed_at
from language_readings
where
    repos.id = language_readings.repo_id
    and (
        repos.languages_pushed_at is distinct from repos.pushed_at
        or {languages_are_due}
    );

-- an empty answer that is not believed yet is pending
update repos
set
    languages_empty_since = case
        when language_readings.is_doubted then %(day)s
    end
from language_readings
where
    repos.id = language_readings.repo_id
    and language_readings.is_doubted
    = (repos.languages_empty_since is null);
