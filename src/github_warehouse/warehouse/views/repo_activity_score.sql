-- Question: Which repositories get the most attention overall?
-- Grain: one repository, on the latest day.
-- Source: repo_snapshots, company_daily (latest day), repos, companies.
-- Caveats: a plain sum, so in popular repositories stars outweigh the rest.

create or replace view repo_activity_score as
select
    companies.company_name,
    repos.name as repo_name,
    repo_snapshots.stars::bigint
    + repo_snapshots.forks
    + repo_snapshots.open_issues as activity_score
from repo_snapshots
inner join repos
    on repos.id = repo_snapshots.repo_id
inner join companies
    on companies.company_id = repo_snapshots.company_id
where repo_snapshots.snapshot_date = (
    select max(company_daily.snapshot_date)
    from company_daily
);

comment on view repo_activity_score is
    'One row per repository, on the latest day. Not ranked: order by '
    'activity_score.';
comment on column repo_activity_score.company_name is
    'Owner on the latest day, in GitHub''s spelling.';
comment on column repo_activity_score.repo_name is
    'Name without the owner, as last observed.';
comment on column repo_activity_score.activity_score is
    'Stars + forks + open issues (including pull requests), count.';
