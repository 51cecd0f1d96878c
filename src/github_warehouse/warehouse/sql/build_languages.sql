-- the languages of one day, built aside beside its snapshots: a set that was
-- read replaces the last one whole, the others are carried forward
insert into {partition} (repo_id, snapshot_date, language_id, bytes)
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
where %(day)s = %(today)s
union all
select
    language_snapshots.repo_id,
    %(day)s as snapshot_date,
    language_snapshots.language_id,
    language_snapshots.bytes
from language_snapshots
inner join {snapshots} as snapshots
    on snapshots.repo_id = language_snapshots.repo_id
where
    language_snapshots.snapshot_date = %(base_day)s
    and not exists (
        select
        from observed_repos
        where
            observed_repos.repo_id = language_snapshots.repo_id
            and observed_repos.languages_were_read
            and not observed_repos.languages_are_doubted
            and %(day)s = %(today)s
    );
