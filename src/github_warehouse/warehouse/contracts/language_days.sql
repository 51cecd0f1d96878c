-- Question: How many bytes of each language had each repository on each day?
-- Grain: one language of one repository on one day (UTC), within retention.
-- Source: language_snapshots, repos, companies, languages.
-- Caveats: names and owner are the latest: see repository_days for the day's.

create or replace view language_days as
select
    language_snapshots.repo_id,
    language_snapshots.snapshot_date,
    languages.language_name,
    repos.company_id,
    companies.company_name,
    repos.name as repo_name,
    repos.full_name,
    language_snapshots.bytes
from language_snapshots
-- not repo_snapshots, for the owner on that day: PostgreSQL does not apply a
-- range of days to a second table, and would read all its partitions
inner join repos
    on repos.id = language_snapshots.repo_id
inner join companies
    on companies.company_id = repos.company_id
inner join languages
    on languages.language_id = language_snapshots.language_id;

comment on view language_days is
    'One row per repository per UTC day per language, within retention.';
comment on column language_days.repo_id is
    'GitHub''s numeric ID of the repository.';
comment on column language_days.snapshot_date is 'UTC day.';
comment on column language_days.language_name is
    'Name in GitHub''s spelling; unique, and case-sensitive.';
comment on column language_days.company_id is
    'GitHub''s numeric ID of the owner as last observed, on all days.';
comment on column language_days.company_name is
    'Latest login of that owner, in GitHub''s spelling.';
comment on column language_days.repo_name is
    'Name without the owner, as last observed, on all days.';
comment on column language_days.full_name is
    'owner/name as last observed, on all days.';
comment on column language_days.bytes is
    'Bytes of code in that language (not lines).';
