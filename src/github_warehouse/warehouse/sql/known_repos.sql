-- the repositories of a company that are not removed: ids, whether the last
-- sweep did not see them, and when their languages were read
copy (
    select
        repos.id,
        repos.node_id,
        coalesce(
            repo_snapshots.observed_on
            < (ingestion_state.last_sweep at time zone 'UTC')::date,
            false
        ) as was_missing,
        repos.full_name,
        coalesce(repo_snapshots.stars, 0) as stars,
        extract(epoch from repos.languages_pushed_at)
        as languages_pushed_at,
        coalesce({languages_are_due}, false) as languages_are_due,
        repos.languages_observed_at is null as languages_never_read
    from repos
    inner join ingestion_state
        on ingestion_state.company_id = repos.company_id
    left join repo_snapshots
        on
            repo_snapshots.repo_id = repos.id
            and repo_snapshots.snapshot_date = (
                select max(snapshot_date) from repo_snapshots
            )
    where
        repos.company_id = %(company_id)s
        and repos.removed_on is null
    order by repos.id
) to stdout
