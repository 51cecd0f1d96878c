-- totals of the day by language; deletes totals that no snapshot supports any
-- more
with totals as (
    select
        repo_snapshots.company_id,
        language_snapshots.language_id,
        count(*) as repos,
        sum(language_snapshots.bytes) as bytes
    from repo_snapshots
    inner join language_snapshots
        on
            language_snapshots.repo_id = repo_snapshots.repo_id
            and language_snapshots.snapshot_date = %(day)s
    where repo_snapshots.snapshot_date = %(day)s
    group by repo_snapshots.company_id, language_snapshots.language_id
),

left_behind as (
    delete from company_language_daily
    where
        company_language_daily.snapshot_date = %(day)s
        and not exists (
            select
            from totals
            where
                totals.company_id = company_language_daily.company_id
                and totals.language_id = company_language_daily.language_id
        )
)

insert into company_language_daily (
    company_id,
    snapshot_date,
    language_id,
    repos,
    bytes
)
select
    totals.company_id,
    %(day)s as snapshot_date,
    totals.language_id,
    totals.repos,
    totals.bytes
from totals
on conflict (company_id, snapshot_date, language_id) do update
set
    repos = excluded.repos,
    bytes = excluded.bytes
where
    (company_language_daily.repos, company_language_daily.bytes)
    is distinct from (excluded.repos, excluded.bytes);
