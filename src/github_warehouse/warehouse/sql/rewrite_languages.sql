-- a later run of the same day: a set that was read replaces the one there is
with left_behind as (
    delete from language_snapshots
    using observed_repos
    where
        language_snapshots.repo_id = observed_repos.repo_id
        and language_snapshots.snapshot_date = %(day)s
        and observed_repos.languages_were_read
        and not observed_repos.languages_are_doubted
        and not exists (
            select
            from observed_languages
            inner join languages
                on languages.language_name = observed_languages.language_name
            where
                observed_languages.observation = observed_repos.observation
                and languages.language_id = language_snapshots.language_id
        )
    returning language_snapshots.repo_id
),

written as (
    insert into language_snapshots (
        repo_id,
        snapshot_date,
        language_id,
        bytes
    )
    select
        observed_repos.repo_id,
        %(day)s as snapshot_date,
        languages.language_id,
        observed_languages.bytes
    from observed_repos
    inner join observed_languages
        on observed_languages.observation = observed_repos.observation
    inner join languages
        on languages.language_name = observed_languages.language_name
    on conflict (repo_id, snapshot_date, language_id) do update
    set bytes = excluded.bytes
    where language_snapshots.bytes is distinct from excluded.bytes
    returning language_snapshots.repo_id
)

select count(*) from written;
