-- snapshots with negative values, or observed after their day
select
    repo_snapshots.repo_id,
    repo_snapshots.snapshot_date,
    repo_snapshots.observed_on,
    repo_snapshots.{count},
    null::bigint as bytes
from repo_snapshots
where
    repo_snapshots.snapshot_date between %(first_day)s and %(last_day)s
    and (
        repo_snapshots.observed_on > repo_snapshots.snapshot_date
        or repo_snapshots.{count} < 0
    )
union all
select
    language_snapshots.repo_id,
    language_snapshots.snapshot_date,
    null as observed_on,
    null as {count},
    language_snapshots.bytes
from language_snapshots
where
    language_snapshots.snapshot_date between %(first_day)s and %(last_day)s
    and language_snapshots.bytes < 0;
