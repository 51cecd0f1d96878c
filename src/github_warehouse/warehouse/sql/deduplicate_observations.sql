-- of a repository whose owner was looked up, keep only the observation from the
-- confirmed owner
delete from language_readings
using observed_repos
inner join confirmed_owners
    on confirmed_owners.repo_id = observed_repos.repo_id
where
    language_readings.reading = observed_repos.observation
    and observed_repos.company_id is distinct from confirmed_owners.company_id;

delete from observed_repos
using confirmed_owners
where
    confirmed_owners.repo_id = observed_repos.repo_id
    and observed_repos.company_id is distinct from confirmed_owners.company_id;

-- keep only the last observation of each repository: a list that changes while
-- it is read repeats items, and a repository that is transferred meanwhile is
-- in two lists
delete from observed_repos as earlier
using observed_repos as later
where
    later.repo_id = earlier.repo_id
    and later.observation > earlier.observation;

delete from language_readings as earlier
using language_readings as later
where
    later.repo_id = earlier.repo_id
    and later.reading > earlier.reading;

-- a repository that is in one list and missing from another is not removed
delete from gone_repos
using observed_repos
where observed_repos.repo_id = gone_repos.repo_id;

analyze observed_repos;
analyze language_readings;
analyze read_languages;

-- a set of languages that becomes empty is accepted only on a later day,
-- because GitHub sometimes answers with none while its analysis is running
update language_readings
set is_unconfirmed = true
where
    not exists (
        select
        from read_languages
        where read_languages.reading = language_readings.reading
    )
    and exists (
        select
        from language_snapshots
        where
            language_snapshots.repo_id = language_readings.repo_id
            and language_snapshots.snapshot_date = %(base_day)s
    )
    and not exists (
        select
        from repos
        where
            repos.id = language_readings.repo_id
            and repos.languages_empty_since < %(day)s
    );
