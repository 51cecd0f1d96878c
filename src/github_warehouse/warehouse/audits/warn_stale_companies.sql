-- a tracked company all of whose values were observed two days before the
-- last day, or earlier
select
    companies.company_name,
    repo_snapshots.snapshot_date,
    max(repo_snapshots.observed_on) as last_observed_on
from repo_snapshots
inner join companies
    on companies.company_id = repo_snapshots.company_id
where
    repo_snapshots.snapshot_date = %(last_day)s
    and companies.is_tracked
group by companies.company_name, repo_snapshots.snapshot_date
having max(repo_snapshots.observed_on) <= %(last_day)s - 2;
