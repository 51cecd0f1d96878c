-- Question: How does each company's use of languages change over time?
-- Grain: one language of one company on one day (UTC), kept forever.
-- Source: company_language_daily, company_daily, companies, languages.
-- Caveats: bytes of code, not lines; see is_complete.

create or replace view language_trend_by_company as
select
    companies.company_name,
    company_language_daily.snapshot_date,
    languages.language_name,
    company_language_daily.bytes as total_bytes,
    round(
        100.0 * company_language_daily.bytes
        / nullif(sum(company_language_daily.bytes) over company_day, 0),
        2
    ) as share_percent,
    company_language_daily.repos as repo_count,
    coalesce(
        company_daily.repos_languages_read >= 0.99 * company_daily.repos, true
    ) as is_complete
from company_language_daily
left join company_daily
    on
        company_daily.company_id = company_language_daily.company_id
        and company_daily.snapshot_date = company_language_daily.snapshot_date
inner join companies
    on companies.company_id = company_language_daily.company_id
inner join languages
    on languages.language_id = company_language_daily.language_id
-- the name is redundant here, but with it PostgreSQL can push a filter on the
-- name down to the table
window company_day as (
    partition by
        companies.company_id,
        companies.company_name,
        company_language_daily.snapshot_date
);

comment on view language_trend_by_company is
    'One row per company per UTC day per language.';
comment on column language_trend_by_company.company_name is
    'Current login in GitHub''s spelling, on all days.';
comment on column language_trend_by_company.snapshot_date is 'UTC day.';
comment on column language_trend_by_company.language_name is
    'Name in GitHub''s spelling.';
comment on column language_trend_by_company.total_bytes is
    'Bytes of code in that language over the company''s repositories.';
comment on column language_trend_by_company.share_percent is
    'Percent (0 to 100) of the company''s bytes on that day; null if it has '
    'none.';
comment on column language_trend_by_company.repo_count is
    'Repositories of the company with that language, count.';
comment on column language_trend_by_company.is_complete is
    'Whether the languages of at least 99 percent of the company''s '
    'repositories had been read by that day. Until then, totals grow because '
    'more repositories are read. True if unknown: see repos_languages_read in '
    'company_daily.';
