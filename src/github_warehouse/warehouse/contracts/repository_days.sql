-- Question: What were the counters of each repository on each day?
-- Grain: one repository on one day (UTC), within retention.
-- Source: repo_snapshots, repos, companies.
-- Caveats: names are the latest; metrics may be carried forward.

create or replace view repository_days as
select
    repo_snapshots.repo_id,
    repo_snapshots.snapshot_date,
    repo_snapshots.company_id,
    companies.company_name,
    repos.name as repo_name,
    repos.full_name,
    repo_snapshots.observed_on,
    repo_snapshots.{metric},
    repo_snapshots.observed_on < repo_snapshots.snapshot_date
    as is_carried_forward
from repo_snapshots
inner join repos
    on repos.id = repo_snapshots.repo_id
inner join companies
    on companies.company_id = repo_snapshots.company_id;

comment on view repository_days is
    'One row per repository per UTC day of its tracking period, within '
    'retention.';
comment on column repository_days.repo_id is
    'GitHub''s numeric ID of the repository.';
comment on column repository_days.snapshot_date is 'UTC day.';
comment on column repository_days.company_id is
    'GitHub''s numeric ID of the account that owned it on that day.';
comment on column repository_days.company_name is
    'Owner on that day: its latest login, in GitHub''s spelling.';
comment on column repository_days.repo_name is
    'Name without the owner, as last observed, on all days.';
comment on column repository_days.full_name is
    'owner/name as last observed, on all days.';
comment on column repository_days.observed_on is
    'UTC day on which GitHub reported these values; earlier than '
    'snapshot_date if they are carried forward.';
comment on column repository_days.{metric} is {comment};
comment on column repository_days.is_carried_forward is
    'Whether observed_on is earlier than snapshot_date.';
