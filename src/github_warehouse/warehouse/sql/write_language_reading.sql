-- record when each repository's languages were read, and whether an empty
-- answer is pending. Only languages that were due are stamped: GraphQL reads
-- more often than REST, and both must leave the same stamps. An empty answer
-- stays pending for the rest of its day and is accepted on a later day
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
        when readings.is_unconfirmed then %(day)s
    end
from (
    select
        language_readings.repo_id,
        language_readings.is_unconfirmed,
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
        or readings.is_unconfirmed = (repos.languages_empty_since is null)
    );
