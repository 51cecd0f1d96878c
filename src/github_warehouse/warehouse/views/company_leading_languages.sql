-- Question: How does the code in the leading languages grow?
-- Grain: one language of one company on one day (UTC), kept forever.
-- Source: company_language_daily, company_daily, names.
-- Caveats: languages in any company's top six now; see is_complete.

create or replace view company_leading_languages as
with ranked_languages as (
    select
        company_language_daily.language_id,
        row_number() over (
            partition by company_language_daily.company_id
            order by
                company_language_daily.bytes desc,
                company_language_daily.language_id
        ) as rank
    from company_language_daily
    where company_language_daily.snapshot_date = (
        select max(company_daily.snapshot_date)
        from company_daily
    )
),

leading_languages as (
    select distinct ranked_languages.language_id
    from ranked_languages
    where ranked_languages.rank <= 6
)

select
    companies.company_name,
    company_language_daily.snapshot_date,
    languages.language_name,
    company_language_daily.bytes as total_bytes,
    coalesce(
        company_daily.repos_languages_read >= 0.99 * company_daily.repos, true
    ) as is_complete
from leading_languages
inner join company_language_daily
    on company_language_daily.language_id = leading_languages.language_id
left join company_daily
    on
        company_daily.company_id = company_language_daily.company_id
        and company_daily.snapshot_date = company_language_daily.snapshot_date
inner join companies
    on companies.company_id = company_language_daily.company_id
inner join languages
    on languages.language_id = leading_languages.language_id;

comment on view company_leading_languages is
    'One row per company per UTC day per language that is in the top six of '
    'any company on the latest day. Languages are ranked by bytes of code.';
comment on column company_leading_languages.company_name is
    'Current login in GitHub''s spelling, on all days.';
comment on column company_leading_languages.snapshot_date is 'UTC day.';
comment on column company_leading_languages.language_name is
    'Name in GitHub''s spelling.';
comment on column company_leading_languages.total_bytes is
    'Bytes of code in that language over the company''s repositories.';
comment on column company_leading_languages.is_complete is
    'Whether the languages of at least 99 percent of the company''s '
    'repositories had been read by that day. Until then, totals grow because '
    'more repositories are read. True if unknown: see repos_languages_read in '
    'company_daily.';
