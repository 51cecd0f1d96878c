-- a later run on the same day: its values replace the earlier ones; rows that
-- would not change are not written
with written as (
    insert into repo_snapshots (
        repo_id,
        snapshot_date,
        company_id,
        {metric},
        observed_on
    )
    select
        observed_repos.repo_id,
        %(day)s as snapshot_date,
        observed_repos.company_id,
        observed_repos.{metric},
        %(day)s as observed_on
    from observed_repos
    on conflict (repo_id, snapshot_date) do update
    set
        company_id = excluded.company_id,
        {metric} = excluded.{metric},
        observed_on = excluded.observed_on
    where
        (
            repo_snapshots.company_id,
            repo_snapshots.{metric},
            repo_snapshots.observed_on
        ) is distinct from (
            excluded.company_id,
            excluded.{metric},
            excluded.observed_on
        )
    returning repo_snapshots.repo_id
)

select count(*) from written;
