-- must the languages of a repository be read, even if nobody pushed since?
-- when they never were; and again on a later day when they were read within a
-- day of the push, which GitHub's analysis lags behind, or a month ago, or
-- when an empty answer is pending
(
    repos.languages_observed_at is null
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
)
