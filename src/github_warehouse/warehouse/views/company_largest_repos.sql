-- Question: Which ten repositories of each company have the most code?
-- Grain: one repository, at most 10 of a company, on the latest day.
-- Source: language_snapshots, repo_snapshots, company_daily (day), names.
-- Caveats: size is bytes of code; repositories without code are left out.

create or replace view company_largest_repos as
with repo_sizes as (
    select
        language_snapshots.repo_id,
        sum(language_snapshots.bytes) as total_bytes
    from language_snapshots
    -- the day comes from the totals, because a day may have no languages
    where language_snapshots.snapshot_date = (
        select max(company_daily.snapshot_date)
        from company_daily
    )
    group by language_snapshots.repo_id
),

contenders as (
    -- rank by the number first, because comparing names is slow
    select
        companies.company_id,
        companies.company_name,
        repo_sizes.repo_id,
        repo_sizes.total_bytes::bigint as total_bytes,
        rank() over company_repos as place
    from repo_sizes
    inner join repo_snapshots
        on repo_snapshots.repo_id = repo_sizes.repo_id
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
        order by repo_sizes.total_bytes::bigint desc
    )
),

ranked_repos as (
    select
        contenders.company_name,
        repos.name as repo_name,
        contenders.total_bytes,
        row_number() over company_repos as rank
    from contenders
    inner join repos
        on repos.id = contenders.repo_id
    where contenders.place <= 10
    window company_repos as (
        partition by contenders.company_id, contenders.company_name
        order by
            contenders.total_bytes desc,
            repos.name collate "C",
            repos.id
    )
)

select
    ranked_repos.company_name,
    ranked_repos.repo_name,
    ranked_repos.total_bytes,
    ranked_repos.rank
from ranked_repos
where ranked_repos.rank <= 10;

comment on view company_largest_repos is
    'The 10 repositories of each company with the most code, on the latest '
    'day. Ranked by bytes of code over all languages.';
comment on column company_largest_repos.company_name is
    'Owner on the latest day, in GitHub''s spelling.';
comment on column company_largest_repos.repo_name is
    'Name without the owner, as last observed.';
comment on column company_largest_repos.total_bytes is
    'Bytes of code over all languages.';
comment on column company_largest_repos.rank is
    'Rank within the company, from 1, without ties: equal sizes are '
    'ordered by repository name, then by ID.';
