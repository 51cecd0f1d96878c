-- Question: How many stars did each repository gain per day?
-- Grain: one repository on one day (UTC), within retention.
-- Source: repo_snapshots, repos.
-- Caveats: the first growth after a return covers all days since removal.

create or replace view repo_daily_growth as
select
    repos.id as repo_id,
    repos.full_name,
    repo_snapshots.snapshot_date,
    repo_snapshots.stars,
    repo_snapshots.stars
    - lag(repo_snapshots.stars) over repository_days as star_growth
from repo_snapshots
inner join repos
    on repos.id = repo_snapshots.repo_id
-- the name is redundant here, but with it PostgreSQL can push a filter on the
-- name down to the table
window repository_days as (
    partition by repos.id, repos.full_name
    order by repo_snapshots.snapshot_date
);

comment on view repo_daily_growth is
    'One row per repository per UTC day: stars, and their change since its '
    'previous snapshot.';
comment on column repo_daily_growth.repo_id is
    'GitHub''s numeric ID of the repository.';
comment on column repo_daily_growth.full_name is
    'owner/name as last observed, on all days.';
comment on column repo_daily_growth.snapshot_date is 'UTC day.';
comment on column repo_daily_growth.stars is 'Stars, count.';
comment on column repo_daily_growth.star_growth is
    'Change in stars since the repository''s previous snapshot, count; null '
    'on its first day.';
