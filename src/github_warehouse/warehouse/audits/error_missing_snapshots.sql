-- a tracked repository without a snapshot on a day of its current tracking
-- period
select
    repos.full_name,
    snapshot_days.snapshot_day::date as missing_day
from repos
inner join companies
    on companies.company_id = repos.company_id
cross join generate_series(
    greatest(
        %(first_day)s,
        (select min(snapshot_date) from repo_snapshots)
    ),
    %(last_day)s,
    interval '1 day'
) as snapshot_days (snapshot_day)
left join repo_snapshots
    on
        repo_snapshots.repo_id = repos.id
        and repo_snapshots.snapshot_date = snapshot_days.snapshot_day::date
        -- redundant, but lets PostgreSQL skip the partitions of other days
        and repo_snapshots.snapshot_date
        between %(first_day)s and %(last_day)s
where
    companies.is_tracked
    and repos.tracked_from <= snapshot_days.snapshot_day::date
    and (
        repos.removed_on is null
        or repos.removed_on > snapshot_days.snapshot_day::date
    )
    and repo_snapshots.repo_id is null;
