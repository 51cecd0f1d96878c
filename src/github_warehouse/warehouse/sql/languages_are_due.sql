-- whether the languages of a repository must be read although there was no
-- push: they were never read; or they were last read on an earlier day, and
-- that was within a day of the push (GitHub's analysis lags behind) or more
-- than 30 days ago, or an empty answer is pending
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
