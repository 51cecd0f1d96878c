-- languages never named before; looked for first, as serial numbers that
-- conflicts burn are never given back
insert into languages (language_name)
select distinct observed_languages.language_name
from observed_languages
where
    not exists (
        select
        from languages
        where languages.language_name = observed_languages.language_name
    )
order by observed_languages.language_name;
