-- Question: Which languages is each repository written in today?
-- Grain: one language of one repository, on the latest day.
-- Source: language_snapshots, repo_snapshots, company_daily (day), names.
-- Caveats: repositories without any language are left out.

create or replace view current_repo_languages as
select
    repos.id as repo_id,
    companies.company_name,
    repos.name as repo_name,
    repos.full_name,
    languages.language_name,
    language_snapshots.bytes,
    round(
        100.0 * language_snapshots.bytes
        / nullif(sum(language_snapshots.bytes) over repo_languages, 0),
        2
    ) as share_percent,
    language_snapshots.snapshot_date
from language_snapshots
inner join repo_snapshots
    on repo_snapshots.repo_id = language_snapshots.repo_id
    and repo_snapshots.snapshot_date = language_snapshots.snapshot_date
inner join repos
    on repos.id = language_snapshots.repo_id
inner join companies
    on companies.company_id = repo_snapshots.company_id
inner join languages
    on languages.language_id = language_snapshots.language_id
-- the day comes from the totals, because a day may have no languages
where language_snapshots.snapshot_date = (
    select max(company_daily.snapshot_date)
    from company_daily
)
-- the names are redundant here, but with them PostgreSQL can push a filter on
-- a name down to the table
window repo_languages as (
    partition by
        repos.id,
        repos.name,
        repos.full_name,
        companies.company_name
);

comment on view current_repo_languages is
    'One row per repository per language, on the latest day.';
comment on column current_repo_languages.repo_id is
    'GitHub''s numeric ID of the repository.';
comment on column current_repo_languages.company_name is
    'Owner on the latest day.';
comment on column current_repo_languages.repo_name is
    'Name without the owner.';
comment on column current_repo_languages.full_name is
    'owner/name as last observed.';
comment on column current_repo_languages.language_name is
    'Name in GitHub''s spelling.';
comment on column current_repo_languages.bytes is
    'Bytes of code in that language (not lines).';
comment on column current_repo_languages.share_percent is
    'Percent (0 to 100) of the repository''s bytes; null if it has none.';
comment on column current_repo_languages.snapshot_date is
    'Latest UTC day in the warehouse.';
