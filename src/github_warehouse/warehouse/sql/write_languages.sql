-- languages never named before; looked for first, as serial numbers that
-- conflicts burn are never given back
insert into languages (language_name)
select distinct read_languages.language_name
from read_languages
where
    not exists (
        select
        from languages
        where languages.language_name = read_languages.language_name
    )
order by read_languages.language_name;
