-- Question: How many bytes of each language had each company on each day?
-- Grain: one language of one company on one day (UTC), kept forever.
-- Source: company_language_daily, companies, languages.
-- Caveats: covers repos_languages_read repositories: see company_days.

create or replace view company_language_days as
select
    company_language_daily.company_id,
    company_language_daily.snapshot_date,
    languages.language_name,
    companies.company_name,
    company_language_daily.repos as repo_count,
    company_language_daily.bytes
from company_language_daily
inner join companies
    on companies.company_id = company_language_daily.company_id
inner join languages
    on languages.language_id = company_language_daily.language_id;

comment on view company_language_days is
    'One row per tracked company per UTC day per language: totals as of that '
    'day, kept forever.';
comment on column company_language_days.company_id is
    'GitHub''s numeric ID of the account.';
comment on column company_language_days.snapshot_date is 'UTC day.';
comment on column company_language_days.language_name is
    'Name in GitHub''s spelling; unique, and case-sensitive.';
comment on column company_language_days.company_name is
    'Latest login in GitHub''s spelling, on all days.';
comment on column company_language_days.repo_count is
    'Repositories with that language, count.';
comment on column company_language_days.bytes is
    'Sum of bytes of code in that language.';
