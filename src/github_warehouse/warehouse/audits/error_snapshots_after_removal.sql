-- a snapshot on or after the day on which its repository was removed
select
    repos.full_name,
    repos.removed_on,
    repo_snapshots.snapshot_date
from repo_snapshots
inner join repos
    on repos.id = repo_snapshots.repo_id
where
    repo_snapshots.snapshot_date between %(first_day)s and %(last_day)s
    and repos.removed_on <= repo_snapshots.snapshot_date;
