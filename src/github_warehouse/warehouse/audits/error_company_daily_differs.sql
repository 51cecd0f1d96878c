-- totals of a company and day that are not the sums of that day's snapshots
with totals as (
    select
        repo_snapshots.company_id,
        repo_snapshots.snapshot_date,
        count(*) as repos,
        sum(repo_snapshots.stars) as stars,
        sum(repo_snapshots.forks) as forks,
        sum(repo_snapshots.open_issues) as open_issues
    from repo_snapshots
    where
        repo_snapshots.snapshot_date between %(first_day)s and %(last_day)s
    group by repo_snapshots.company_id, repo_snapshots.snapshot_date
),

rollups as (
    select
        company_daily.company_id,
        company_daily.snapshot_date,
        company_daily.repos,
        company_daily.stars,
        company_daily.forks,
        company_daily.open_issues
    from company_daily
    where
        company_daily.snapshot_date between %(first_day)s and %(last_day)s
        and company_daily.snapshot_date >= (
            select min(repo_snapshots.snapshot_date) from repo_snapshots
        )
)

select
    coalesce(totals.company_id, rollups.company_id) as company_id,
    coalesce(totals.snapshot_date, rollups.snapshot_date) as snapshot_date,
    totals.repos as snapshots,
    rollups.repos
from totals
full join rollups
    on
        rollups.company_id = totals.company_id
        and rollups.snapshot_date = totals.snapshot_date
where
    (
        coalesce(totals.repos, 0),
        coalesce(totals.stars, 0),
        coalesce(totals.forks, 0),
        coalesce(totals.open_issues, 0)
    ) is distinct from (
        rollups.repos,
        rollups.stars,
        rollups.forks,
        rollups.open_issues
    );
