-- totals of missed days, over the snapshots that are carried forward to all of
-- them from the last day; a total is null if any of its values is null
with carried as (
    select
        repo_snapshots.{total},
        repo_snapshots.company_id
    from repo_snapshots
    inner join repos
        on repos.id = repo_snapshots.repo_id
    where
        repo_snapshots.snapshot_date = %(base_day)s
        and repos.tracked_from <= %(base_day)s
        and (repos.removed_on is null or repos.removed_on >= %(day)s)
)

insert into company_daily (
    company_id,
    snapshot_date,
    repos,
    {total},
    repos_languages_read
)
select
    companies.company_id,
    missed_days.missed_day::date as snapshot_date,
    count(carried.company_id) as repos,
    case when count(carried.{total}) = count(carried.company_id)
    then coalesce(sum(carried.{total}), 0) end as {total},
    least(count(carried.company_id), base_totals.repos_languages_read)
    as repos_languages_read
from companies
inner join ingestion_state
    on ingestion_state.company_id = companies.company_id
left join carried
    on carried.company_id = companies.company_id
left join company_daily as base_totals
    on
        base_totals.company_id = companies.company_id
        and base_totals.snapshot_date = %(base_day)s
cross join generate_series(
    %(base_day)s + 1,
    %(day)s - 1,
    interval '1 day'
) as missed_days (missed_day)
where
    companies.is_tracked
    and (
        carried.company_id is not null
        or (
            ingestion_state.last_run is not null
            and base_totals.company_id is not null
        )
    )
group by
    companies.company_id,
    missed_days.missed_day,
    base_totals.repos_languages_read;

insert into company_language_daily (
    company_id,
    snapshot_date,
    language_id,
    repos,
    bytes
)
select
    repo_snapshots.company_id,
    missed_days.missed_day::date as snapshot_date,
    language_snapshots.language_id,
    count(*) as repos,
    sum(language_snapshots.bytes) as bytes
from repo_snapshots
inner join repos
    on repos.id = repo_snapshots.repo_id
inner join companies
    on companies.company_id = repo_snapshots.company_id
inner join language_snapshots
    on
        language_snapshots.repo_id = repo_snapshots.repo_id
        and language_snapshots.snapshot_date = repo_snapshots.snapshot_date
cross join generate_series(
    %(base_day)s + 1,
    %(day)s - 1,
    interval '1 day'
) as missed_days (missed_day)
where
    repo_snapshots.snapshot_date = %(base_day)s
    and language_snapshots.snapshot_date = %(base_day)s
    and companies.is_tracked
    and repos.tracked_from <= %(base_day)s
    and (repos.removed_on is null or repos.removed_on >= %(day)s)
group by
    repo_snapshots.company_id,
    missed_days.missed_day,
    language_snapshots.language_id;
