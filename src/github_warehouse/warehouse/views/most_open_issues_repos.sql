-- Question: Which twenty repositories have most open issues?
-- Grain: one repository, at most 20 over all companies, on the latest day.
-- Source: repo_snapshots, company_daily (latest day), repos, companies.
-- Caveats: pull requests count; ties go by repository name, then id.

create view most_open_issues_repos as
with contenders as (
    -- numbers alone are ranked first: names are long to compare
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
    'The 20 repositories with most open issues over all companies, on the '
    'latest day.';
comment on column most_open_issues_repos.company_name is
    'Owner on the latest day, as GitHub spells it.';
comment on column most_open_issues_repos.repo_name is
    'Name without its owner, as last observed.';
comment on column most_open_issues_repos.open_issues is
    'Open issues and open pull requests together, count.';
comment on column most_open_issues_repos.rank is
    'Place over all companies, from 1; never shared.';
