-- Question: Which twenty repositories have the most open issues?
-- Grain: one repository, at most 20 over all companies, on the latest day.
-- Source: repo_snapshots, company_daily (latest day), repos, companies.
-- Caveats: counts pull requests; ties are ordered by name, then ID.

create or replace view most_open_issues_repos as
with contenders as (
    -- rank by the number first, because comparing names is slow
    select
        repo_snapshots.repo_id,
        repo_snapshots.company_id,
        repo_snapshots.open_issues,
        rank() over (order by repo_snapshots.open_issues desc) as place
    from repo_snapshots
    where repo_snapshots.snapshot_date = (
        select max(company_daily.snapshot_date)
        from company_daily
    )
),

ranked_repos as (
    select
        companies.company_name,
        repos.name as repo_name,
        contenders.open_issues,
        row_number() over all_repos as rank
    from contenders
    inner join repos
        on repos.id = contenders.repo_id
    inner join companies
        on companies.company_id = contenders.company_id
    where contenders.place <= 20
    window all_repos as (
        order by contenders.open_issues desc, repos.name collate "C", repos.id
    )
)

select
    ranked_repos.company_name,
    ranked_repos.repo_name,
    ranked_repos.open_issues,
    ranked_repos.rank
from ranked_repos
where ranked_repos.rank <= 20;

comment on view most_open_issues_repos is
    'The 20 repositories with the most open issues over all companies, on the '
    'latest day. Ranked by open issues and pull requests.';
comment on column most_open_issues_repos.company_name is
    'Owner on the latest day, in GitHub''s spelling.';
comment on column most_open_issues_repos.repo_name is
    'Name without the owner, as last observed.';
comment on column most_open_issues_repos.open_issues is
    'Open issues and open pull requests together, count.';
comment on column most_open_issues_repos.rank is
    'Rank over all companies, from 1, without ties: equal counts are '
    'ordered by repository name, then by ID.';
