-- daily totals of a company that differ from the sums of its snapshots
with totals as (
    select
        repo_snapshots.company_id,
        repo_snapshots.snapshot_date,
        case when count(repo_snapshots.{total}) = count(*)
        then sum(repo_snapshots.{total}) end as {total},
        count(*) as repos
    from repo_snapshots
    where
        repo_snapshots.snapshot_date between %(first_day)s and %(last_day)s
    group by repo_snapshots.company_id, repo_snapshots.snapshot_date
),

rollups as (
    select
        company_daily.company_id,
        company_daily.snapshot_date,
        -- without repositories it is 0, or null before the metric was added
        case when company_daily.repos > 0 then company_daily.{total}
        else coalesce(company_daily.{total}, 0) end as {total},
        company_daily.repos
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
        case when totals.repos > 0 then totals.{total} else 0 end,
        coalesce(totals.repos, 0)
    ) is distinct from (
        rollups.{total},
        rollups.repos
    );
