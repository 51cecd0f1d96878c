-- a table of a day that somebody detached by hand: no query sees its rows
select
    pg_class.relname as table_name,
    to_date(right(pg_class.relname, 8), 'YYYYMMDD') as detached_day
from pg_class
where
    pg_class.relnamespace = 'public'::regnamespace
    and pg_class.relkind = 'r'
    and not pg_class.relispartition
    and pg_class.relname ~ '^(repo|language)_snapshots_[0-9]{8}$'
    and to_date(right(pg_class.relname, 8), 'YYYYMMDD')
    between %(first_day)s and %(last_day)s + 1
order by detached_day, table_name;
