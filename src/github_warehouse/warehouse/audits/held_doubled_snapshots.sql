-- two snapshots of one repository, or of one of its languages, on one day
select
    repo_snapshots.repo_id,
    repo_snapshots.snapshot_date,
    null::integer as language_id,
    count(*) as snapshots
from repo_snapshots
where repo_snapshots.snapshot_date between %(first_day)s and %(last_day)s
group by repo_snapshots.repo_id, repo_snapshots.snapshot_date
having count(*) > 1
union all
select
    language_snapshots.repo_id,
    language_snapshots.snapshot_date,
    language_snapshots.language_id,
    count(*) as snapshots
from language_snapshots
where language_snapshots.snapshot_date between %(first_day)s and %(last_day)s
group by
    language_snapshots.repo_id,
    language_snapshots.snapshot_date,
    language_snapshots.language_id
having count(*) > 1;
