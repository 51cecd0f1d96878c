-- Question: How diverse are the languages of each company's code?
-- Grain: one company, on the latest day.
-- Source: company_language_daily, company_daily (latest day), names.
-- Caveats: shares are by bytes; companies without any language are left out.

create or replace view company_language_diversity as
with language_shares as (
    select
        company_language_daily.company_id,
        languages.language_name,
        company_language_daily.bytes
        / nullif(
            sum(company_language_daily.bytes) over company_languages, 0
        ) as share,
        row_number() over (
            company_languages
            order by
                company_language_daily.bytes desc,
                languages.language_name collate "C"
        ) as rank
    from company_language_daily
    inner join languages
        on languages.language_id = company_language_daily.language_id
    where company_language_daily.snapshot_date = (
        select max(company_daily.snapshot_date)
        from company_daily
    )
    window company_languages as (
        partition by company_language_daily.company_id
    )
)

select
    companies.company_name,
    count(*) as language_count,
    max(language_shares.language_name) filter (
        where language_shares.rank = 1
    ) as top_language,
    round(100 * max(language_shares.share), 2) as top_language_share_percent,
    -- a share of zero adds nothing, and has no logarithm
    round(
        exp(
            -sum(
                language_shares.share
                * ln(nullif(language_shares.share, 0))
            )
        ),
        2
    ) as effective_languages
from language_shares
inner join companies
    on companies.company_id = language_shares.company_id
group by
    companies.company_id,
    companies.company_name;

comment on view company_language_diversity is
    'One row per company that has at least one language, on the latest day.';
comment on column company_language_diversity.company_name is
    'Login in GitHub''s spelling.';
comment on column company_language_diversity.language_count is
    'Languages in the company''s code, count.';
comment on column company_language_diversity.top_language is
    'Language with the most bytes; the first by name if several have.';
comment on column company_language_diversity.top_language_share_percent is
    'Percent (0 to 100) of the company''s bytes; null if it has none.';
comment on column company_language_diversity.effective_languages is
    'Exponential of the Shannon entropy of the shares by bytes: the number of '
    'equally used languages that would be as diverse; null if there are no '
    'bytes.';
