-- Question: What is known of each repository today?
-- Grain: one repository, on the latest day.
-- Source: repo_snapshots, company_daily (latest day), repos, companies.
-- Caveats: counters may be carried forward: see observed_on.

create view current_repo_metrics as
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
    'One row per repository there is on the latest day.';
comment on column current_repo_metrics.repo_id is 'GitHub''s numeric id.';
comment on column current_repo_metrics.company_name is
    'Owner on the latest day.';
comment on column current_repo_metrics.repo_name is 'Name without its owner.';
comment on column current_repo_metrics.full_name is
    'owner/name as last observed.';
comment on column current_repo_metrics.language is
    'Primary language by GitHub''s own cache; null when it names none.';
comment on column current_repo_metrics.is_fork is
    'Whether it was forked from another repository.';
comment on column current_repo_metrics.is_archived is
    'Whether its owner made it read-only, as last observed.';
comment on column current_repo_metrics.license is
    'SPDX id of the licence; NOASSERTION when GitHub cannot tell which, '
    'null when there is none.';
comment on column current_repo_metrics.snapshot_date is
    'The warehouse''s latest UTC day.';
comment on column current_repo_metrics.{metric} is {comment};
comment on column current_repo_metrics.observed_on is
    'UTC day on which GitHub said so; earlier than snapshot_date when the '
    'counters are carried forward.';
