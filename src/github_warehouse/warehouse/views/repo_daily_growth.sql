-- Question: How many stars did each repository gain, day by day?
-- Grain: one repository on one day (UTC), within retention.
-- Source: repo_snapshots, repos.
-- Caveats: after a removal and a return, growth spans the days between.

create view repo_daily_growth as
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
-- the name follows from the id: it stands here so that a filter on either
-- reaches the table
window repository_days as (
    partition by repos.id, repos.full_name
    order by repo_snapshots.snapshot_date
);

comment on view repo_daily_growth is
    'One row per repository per UTC day: stars, and stars gained since its '
    'snapshot before.';
comment on column repo_daily_growth.repo_id is 'GitHub''s numeric id.';
comment on column repo_daily_growth.full_name is
    'owner/name as last observed, on all days.';
comment on column repo_daily_growth.snapshot_date is 'UTC day.';
comment on column repo_daily_growth.stars is 'Stargazers, count.';
comment on column repo_daily_growth.star_growth is
    'Stars gained since the repository''s snapshot before, count; negative '
    'when it lost some, null on its first day.';
