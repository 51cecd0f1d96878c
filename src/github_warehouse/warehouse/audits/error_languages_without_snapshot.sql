-- languages of a repository on a day on which it has no snapshot
select
    language_snapshots.repo_id,
    language_snapshots.snapshot_date,
    count(*) as languages
from language_snapshots
left join repo_snapshots
    on
        repo_snapshots.repo_id = language_snapshots.repo_id
        and repo_snapshots.snapshot_date = language_snapshots.snapshot_date
        and repo_snapshots.snapshot_date
        between %(first_day)s and %(last_day)s
where
    language_snapshots.snapshot_date between %(first_day)s and %(last_day)s
    and repo_snapshots.repo_id is null
group by language_snapshots.repo_id, language_snapshots.snapshot_date;
