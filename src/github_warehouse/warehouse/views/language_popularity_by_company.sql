-- Question: Which languages is each company's code written in today?
-- Grain: one language of one company, on the latest day.
-- Source: company_language_daily, company_daily (latest day), names.
-- Caveats: bytes, not lines; companies without any language are left out.

create or replace view language_popularity_by_company as
select
    companies.company_name,
    languages.language_name,
    company_language_daily.bytes as total_bytes,
    round(
        100.0 * company_language_daily.bytes
        / nullif(sum(company_language_daily.bytes) over company_languages, 0),
        2
    ) as share_percent,
    company_language_daily.repos as repo_count
from company_language_daily
inner join companies
    on companies.company_id = company_language_daily.company_id
inner join languages
    on languages.language_id = company_language_daily.language_id
where company_language_daily.snapshot_date = (
    select max(company_daily.snapshot_date)
    from company_daily
)
-- the name is redundant here, but with it PostgreSQL can push a filter on the
-- name down to the table
window company_languages as (
    partition by companies.company_id, companies.company_name
);

comment on view language_popularity_by_company is
    'One row per company per language, on the latest day. Not ranked.';
comment on column language_popularity_by_company.company_name is
    'Login in GitHub''s spelling.';
comment on column language_popularity_by_company.language_name is
    'Name in GitHub''s spelling.';
comment on column language_popularity_by_company.total_bytes is
    'Bytes of code in that language over the company''s repositories.';
comment on column language_popularity_by_company.share_percent is
    'Percent (0 to 100) of the company''s bytes; null if it has none.';
comment on column language_popularity_by_company.repo_count is
    'Repositories of the company with that language, count.';
