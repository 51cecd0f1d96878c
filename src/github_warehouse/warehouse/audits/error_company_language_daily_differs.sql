-- totals by company, day and language that differ from the sums of that day's
-- language snapshots. Rows without company_id: language snapshots whose
-- repository has no snapshot on that day
with totals as (
    select
        repo_snapshots.company_id,
        language_snapshots.snapshot_date,
        language_snapshots.language_id,
        count(*) as repos,
        sum(language_snapshots.bytes) as bytes
    from language_snapshots
    left join repo_snapshots
        on
            repo_snapshots.repo_id = language_snapshots.repo_id
            and repo_snapshots.snapshot_date
            = language_snapshots.snapshot_date
            and repo_snapshots.snapshot_date
            between %(first_day)s and %(last_day)s
    where
        language_snapshots.snapshot_date
        between %(first_day)s and %(last_day)s
    group by
        repo_snapshots.company_id,
        language_snapshots.snapshot_date,
        language_snapshots.language_id
),

rollups as (
    select
        company_language_daily.company_id,
        company_language_daily.snapshot_date,
        company_language_daily.language_id,
        company_language_daily.repos,
        company_language_daily.bytes
    from company_language_daily
    where
        company_language_daily.snapshot_date
        between %(first_day)s and %(last_day)s
        and company_language_daily.snapshot_date >= (
            select min(repo_snapshots.snapshot_date) from repo_snapshots
        )
)

select
    coalesce(totals.company_id, rollups.company_id) as company_id,
    coalesce(totals.snapshot_date, rollups.snapshot_date) as snapshot_date,
    coalesce(totals.language_id, rollups.language_id) as language_id,
    totals.bytes as snapshot_bytes,
    rollups.bytes
from totals
full join rollups
    on
        rollups.company_id = totals.company_id
        and rollups.snapshot_date = totals.snapshot_date
        and rollups.language_id = totals.language_id
where
    (totals.repos, totals.bytes)
    is distinct from (rollups.repos, rollups.bytes);
