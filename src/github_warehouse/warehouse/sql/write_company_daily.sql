-- totals of the day. A company that was read completely and has no repositories
-- gets a row of zeros; one that was never read gets no row. A row that an
-- earlier run of the day wrote is deleted if the company no longer gets one. A
-- total is null if any of its values is null
with totals as (
    select
        repo_snapshots.company_id,
        count(*) as repos,
        case when count(repo_snapshots.{total}) = count(*)
        then sum(repo_snapshots.{total}) end as {total},
        count(repos.languages_observed_at) as repos_languages_read
    from repo_snapshots
    inner join repos
        on repos.id = repo_snapshots.repo_id
    where repo_snapshots.snapshot_date = %(day)s
    group by repo_snapshots.company_id
),

company_totals as (
    select
        companies.company_id,
        coalesce(totals.repos, 0) as repos,
        case when totals.repos > 0 then totals.{total} else 0 end as {total},
        coalesce(totals.repos_languages_read, 0) as repos_languages_read
    from companies
    left join totals
        on totals.company_id = companies.company_id
    where
        totals.company_id is not null
        or exists (
            select
            from fetched_companies
            where
                fetched_companies.company_id = companies.company_id
                and fetched_companies.status = 'succeeded'
        )
        or (
            companies.is_tracked
            and exists (
                select
                from ingestion_state
                where
                    ingestion_state.company_id = companies.company_id
                    and ingestion_state.last_run is not null
            )
            and exists (
                select
                from company_daily
                where
                    company_daily.company_id = companies.company_id
                    and company_daily.snapshot_date = %(base_day)s
            )
        )
),

left_behind as (
    delete from company_daily
    where
        company_daily.snapshot_date = %(day)s
        and not exists (
            select
            from company_totals
            where company_totals.company_id = company_daily.company_id
        )
)

insert into company_daily (
    company_id,
    snapshot_date,
    repos,
    {total},
    repos_languages_read
)
select
    company_totals.company_id,
    %(day)s as snapshot_date,
    company_totals.repos,
    company_totals.{total},
    company_totals.repos_languages_read
from company_totals
on conflict (company_id, snapshot_date) do update
set
    repos = excluded.repos,
    {total} = excluded.{total},
    repos_languages_read = excluded.repos_languages_read
where
    (
        company_daily.repos,
        company_daily.{total},
        company_daily.repos_languages_read
    ) is distinct from (
        excluded.repos,
        excluded.{total},
        excluded.repos_languages_read
    );
