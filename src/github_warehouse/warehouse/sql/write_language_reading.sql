-- when the languages of each repository were read, and what is pending:
-- stamped when they had to be read, so that both sources leave the same
-- stamp, though GraphQL reads more often than it must; an empty answer is
-- pending for the rest of its day, and believed on a later one
update repos
set
    languages_observed_at = case
        when readings.were_due then %(started_at)s
        else repos.languages_observed_at
    end,
    languages_pushed_at = case
        when readings.were_due then repos.pushed_at
        else repos.languages_pushed_at
    end,
    languages_empty_since = case
        when readings.is_doubted then %(day)s
    end
from (
    select
        language_readings.repo_id,
        language_readings.is_doubted,
        repos.languages_pushed_at is distinct from repos.pushed_at
        or {languages_are_due} as were_due
    from language_readings
    inner join repos
        on repos.id = language_readings.repo_id
) as readings
where
    repos.id = readings.repo_id
    and (
        readings.were_due
        or readings.is_doubted = (repos.languages_empty_since is null)
    );
