-- Question: Which languages is the code of all companies written in?
-- Grain: one language, on the latest day.
-- Source: company_language_daily, company_daily (latest day), languages.
-- Caveats: bytes of code, not lines; a few huge repositories can dominate.

create or replace view top_languages as
select
    languages.language_name,
    sum(company_language_daily.bytes)::bigint as total_bytes,
    round(
        100.0 * sum(company_language_daily.bytes)
        / nullif(sum(sum(company_language_daily.bytes)) over (), 0),
        2
    ) as share_percent,
    sum(company_language_daily.repos) as repo_count,
    count(*) as company_count
from company_language_daily
inner join languages
    on languages.language_id = company_language_daily.language_id
where company_language_daily.snapshot_date = (
    select max(company_daily.snapshot_date)
    from company_daily
)
group by
    languages.language_id,
    languages.language_name;

comment on view top_languages is
    'One row per language over all companies, on the latest day. Not ranked: '
    'order by total_bytes.';
comment on column top_languages.language_name is 'Name in GitHub''s spelling.';
comment on column top_languages.total_bytes is
    'Bytes of code in that language over all repositories.';
comment on column top_languages.share_percent is
    'Percent (0 to 100) of the bytes of all languages; null if there are '
    'none.';
comment on column top_languages.repo_count is
    'Repositories with that language, count.';
comment on column top_languages.company_count is
    'Companies with that language, count.';
