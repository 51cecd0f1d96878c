-- insert new languages. Existing ones are excluded first, because each
-- `on conflict` would use up a serial number
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
