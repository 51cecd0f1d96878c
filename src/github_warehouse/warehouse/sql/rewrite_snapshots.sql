-- a later run of the same day: what it observed wins, what is equal stays
with written as (
    insert into repo_snapshots (
        repo_id,
        snapshot_date,
        company_id,
        stars,
        forks,
        open_issues,
        observed_on
    )
    select
        observed_repos.repo_id,
        %(day)s as snapshot_date,
        observed_repos.company_id,
        observed_repos.stars,
        observed_repos.forks,
        observed_repos.open_issues,
        %(day)s as observed_on
    from observed_repos
    on conflict (repo_id, snapshot_date) do update
    set
        company_id = excluded.company_id,
        stars = excluded.stars,
        forks = excluded.forks,
        open_issues = excluded.open_issues,
        observed_on = excluded.observed_on
    where
        (
            repo_snapshots.company_id,
            repo_snapshots.stars,
            repo_snapshots.forks,
            repo_snapshots.open_issues,
            repo_snapshots.observed_on
        ) is distinct from (
            excluded.company_id,
            excluded.stars,
            excluded.forks,
            excluded.open_issues,
            excluded.observed_on
        )
    returning repo_snapshots.repo_id
)

select count(*) from written;
