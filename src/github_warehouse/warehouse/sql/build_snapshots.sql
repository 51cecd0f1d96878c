-- the snapshots of one day, in a new partition: on the day of the run, values
-- that were observed replace the last ones, and all others are carried forward;
-- on a missed day, all are carried forward
insert into {partition} (
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
where %(day)s = %(today)s
union all
select
    repo_snapshots.repo_id,
    %(day)s as snapshot_date,
    repo_snapshots.company_id,
    repo_snapshots.{metric},
    repo_snapshots.observed_on
from repo_snapshots
inner join repos
    on repos.id = repo_snapshots.repo_id
inner join companies
    on companies.company_id = repo_snapshots.company_id
where
    repo_snapshots.snapshot_date = %(base_day)s
    and companies.is_tracked
    and repos.tracked_from <= %(day)s
    and (repos.removed_on is null or repos.removed_on > %(day)s)
    and not exists (
        select
        from observed_repos
        where
            observed_repos.repo_id = repo_snapshots.repo_id
            and %(day)s = %(today)s
    );
