-- a company with repositories whose languages have not been read yet: its
-- totals by language do not cover them
select
    companies.company_name,
    format(
        '%%s of %%s repositories',
        to_char(company_daily.repos_languages_read, 'FM999,999,999'),
        to_char(company_daily.repos, 'FM999,999,999')
    ) as languages_read
from company_daily
inner join companies
    on companies.company_id = company_daily.company_id
where
    company_daily.snapshot_date = %(last_day)s
    and companies.is_tracked
    and company_daily.repos_languages_read < company_daily.repos
order by companies.company_name;
