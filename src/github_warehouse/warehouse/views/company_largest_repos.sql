-- Question: Which are the ten largest repositories of each company?
-- Grain: one repository, at most 10 of a company, on the latest day.
-- Source: language_snapshots, repo_snapshots, company_daily (day), names.
-- Caveats: size is bytes of code; a repository without any is absent.

create view company_largest_repos as
with repo_sizes as (
    select
        language_snapshots.repo_id,
        sum(language_snapshots.bytes) as total_bytes
    from language_snapshots
    -- the day comes from the totals: a day may well bring no language
    where language_snapshots.snapshot_date = (
        select max(company_daily.snapshot_date)
        from company_daily
    )
    group by language_snapshots.repo_id
),

contenders as (
    -- numbers alone are ranked first: names are long to compare
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
    -- the company's name follows from its id: it stands here so that a
    -- filter on it reaches the table
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
    'The 10 repositories of each company with most code, on the latest day.';
comment on column company_largest_repos.company_name is
    'Owner on the latest day, as GitHub spells it.';
comment on column company_largest_repos.repo_name is
    'Name without its owner, as last observed.';
comment on column company_largest_repos.total_bytes is
    'Bytes of code over all its languages.';
comment on column company_largest_repos.rank is
    'Place within the company, from 1; ties go by repository name, then id.';
