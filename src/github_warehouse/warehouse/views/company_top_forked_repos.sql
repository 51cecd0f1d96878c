-- Question: Which five repositories of each company have the most forks?
-- Grain: one repository, at most 5 of a company, on the latest day.
-- Source: repo_snapshots, company_daily (latest day), repos, companies.
-- Caveats: ties are ordered by repository name, then ID.

create or replace view company_top_forked_repos as
with contenders as (
    -- rank by the number first, because comparing names is slow
    select
        companies.company_id,
        companies.company_name,
        repo_snapshots.repo_id,
        repo_snapshots.forks,
        rank() over company_repos as place
    from repo_snapshots
    inner join companies
        on companies.company_id = repo_snapshots.company_id
    where repo_snapshots.snapshot_date = (
        select max(company_daily.snapshot_date)
        from company_daily
    )
    -- the company's name is redundant here, but with it PostgreSQL can push
    -- a filter on the name down to the table
    window company_repos as (
        partition by companies.company_id, companies.company_name
        order by repo_snapshots.forks desc
    )
),

ranked_repos as (
    select
        contenders.company_name,
        repos.name as repo_name,
        contenders.forks,
        row_number() over company_repos as rank
    from contenders
    inner join repos
        on repos.id = contenders.repo_id
    where contenders.place <= 5
    window company_repos as (
        partition by contenders.company_id, contenders.company_name
        order by contenders.forks desc, repos.name collate "C", repos.id
    )
)

select
    ranked_repos.company_name,
    ranked_repos.repo_name,
    ranked_repos.forks,
    ranked_repos.rank
from ranked_repos
where ranked_repos.rank <= 5;

comment on view company_top_forked_repos is
    'The 5 repositories of each company with the most forks, on the latest '
    'day. Ranked by forks.';
comment on column company_top_forked_repos.company_name is
    'Owner on the latest day, in GitHub''s spelling.';
comment on column company_top_forked_repos.repo_name is
    'Name without the owner, as last observed.';
comment on column company_top_forked_repos.forks is 'Forks, count.';
comment on column company_top_forked_repos.rank is
    'Rank within the company, from 1, without ties: equal counts are '
    'ordered by repository name, then by ID.';
