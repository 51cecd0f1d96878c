-- Question: Which repositories gained stars over 1, 7 and 30 days?
-- Grain: one repository, on the latest day.
-- Source: repo_snapshots (four days), company_daily (day), names.
-- Caveats: null without a snapshot on the earlier day, as after retention.

create or replace view trending_repos as
-- the latest day is looked up first, so that each part reads one partition
with latest_day as (
    select max(company_daily.snapshot_date) as snapshot_date
    from company_daily
),

day_before as (
    select
        repo_snapshots.repo_id,
        repo_snapshots.stars
    from repo_snapshots
    where repo_snapshots.snapshot_date = (
        select latest_day.snapshot_date - 1
        from latest_day
    )
),

week_before as (
    select
        repo_snapshots.repo_id,
        repo_snapshots.stars
    from repo_snapshots
    where repo_snapshots.snapshot_date = (
        select latest_day.snapshot_date - 7
        from latest_day
    )
),

month_before as (
    select
        repo_snapshots.repo_id,
        repo_snapshots.stars
    from repo_snapshots
    where repo_snapshots.snapshot_date = (
        select latest_day.snapshot_date - 30
        from latest_day
    )
),

gains as (
    select
        repo_snapshots.repo_id,
        repo_snapshots.company_id,
        repo_snapshots.stars,
        repo_snapshots.stars - day_before.stars as stars_gained_1d,
        repo_snapshots.stars - week_before.stars as stars_gained_7d,
        repo_snapshots.stars - month_before.stars as stars_gained_30d,
        day_before.stars as stars_1d_before,
        week_before.stars as stars_7d_before,
        month_before.stars as stars_30d_before
    from repo_snapshots
    left join day_before
        on day_before.repo_id = repo_snapshots.repo_id
    left join week_before
        on week_before.repo_id = repo_snapshots.repo_id
    left join month_before
        on month_before.repo_id = repo_snapshots.repo_id
    where repo_snapshots.snapshot_date = (
        select latest_day.snapshot_date
        from latest_day
    )
)

select
    companies.company_name,
    repos.name as repo_name,
    repos.full_name,
    repos.id as repo_id,
    gains.stars,
    gains.stars_gained_1d,
    gains.stars_gained_7d,
    gains.stars_gained_30d,
    round(
        100.0 * gains.stars_gained_1d / nullif(gains.stars_1d_before, 0), 2
    ) as percent_1d,
    round(
        100.0 * gains.stars_gained_7d / nullif(gains.stars_7d_before, 0), 2
    ) as percent_7d,
    round(
        100.0 * gains.stars_gained_30d / nullif(gains.stars_30d_before, 0), 2
    ) as percent_30d
from gains
inner join repos
    on repos.id = gains.repo_id
inner join companies
    on companies.company_id = gains.company_id;

comment on view trending_repos is
    'One row per repository on the latest day: stars gained over exactly 1, 7 '
    'and 30 days. Not ranked: order by one of the gains.';
comment on column trending_repos.company_name is 'Owner on the latest day.';
comment on column trending_repos.repo_name is 'Name without the owner.';
comment on column trending_repos.full_name is 'owner/name as last observed.';
comment on column trending_repos.repo_id is
    'GitHub''s numeric ID of the repository.';
comment on column trending_repos.stars is 'Stars, count.';
comment on column trending_repos.stars_gained_1d is
    'Stars gained over 1 day, count; null if not recorded then.';
comment on column trending_repos.stars_gained_7d is
    'Stars gained over 7 days, count; null if not recorded then.';
comment on column trending_repos.stars_gained_30d is
    'Stars gained over 30 days, count; null if not recorded then.';
comment on column trending_repos.percent_1d is
    'Stars gained over 1 day, percent of the stars at its start; null if '
    'there were none.';
comment on column trending_repos.percent_7d is
    'Stars gained over 7 days, percent of the stars at its start; null if '
    'there were none.';
comment on column trending_repos.percent_30d is
    'Stars gained over 30 days, percent of the stars at its start; null if '
    'there were none.';
