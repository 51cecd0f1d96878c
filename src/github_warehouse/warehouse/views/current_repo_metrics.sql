-- Question: What are the current metrics of each repository?
-- Grain: one repository, on the latest day.
-- Source: repo_snapshots, company_daily (latest day), repos, companies.
-- Caveats: metrics may be carried forward: see observed_on.

create or replace view current_repo_metrics as
select
    repos.id as repo_id,
    companies.company_name,
    repos.name as repo_name,
    repos.full_name,
    repos.language,
    repos.is_fork,
    repos.is_archived,
    repos.license,
    repo_snapshots.snapshot_date,
    repo_snapshots.{metric},
    repo_snapshots.observed_on
from repo_snapshots
inner join repos
    on repos.id = repo_snapshots.repo_id
inner join companies
    on companies.company_id = repo_snapshots.company_id
where repo_snapshots.snapshot_date = (
    select max(company_daily.snapshot_date)
    from company_daily
);

comment on view current_repo_metrics is
    'One row per repository that exists on the latest day.';
comment on column current_repo_metrics.repo_id is
    'GitHub''s numeric ID of the repository.';
comment on column current_repo_metrics.company_name is
    'Owner on the latest day.';
comment on column current_repo_metrics.repo_name is 'Name without the owner.';
comment on column current_repo_metrics.full_name is
    'owner/name, as last observed.';
comment on column current_repo_metrics.language is
    'Primary language as determined by GitHub; null if there is none.';
comment on column current_repo_metrics.is_fork is
    'Whether it is a fork of another repository.';
comment on column current_repo_metrics.is_archived is
    'Whether the owner archived it, which makes it read-only; as last '
    'observed.';
comment on column current_repo_metrics.license is
    'SPDX ID of the license; NOASSERTION if GitHub cannot identify it, null '
    'if there is none.';
comment on column current_repo_metrics.snapshot_date is
    'Latest UTC day of the warehouse.';
comment on column current_repo_metrics.{metric} is {comment};
comment on column current_repo_metrics.observed_on is
    'UTC day on which GitHub reported these values; earlier than '
    'snapshot_date if they are carried forward.';
