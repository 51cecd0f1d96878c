-- a day whose partition was detached by hand: queries do not see its rows.
-- The day after last_day counts too: it may be the latest day, detached
select
    substring(pg_class.relname from '^(.+)_[0-9]{8}$') as table_name,
    pg_class.relname as partition_name,
    right(pg_class.relname, 8) as detached_day
from pg_class
where
    pg_class.relnamespace = current_schema()::regnamespace
    and pg_class.relkind = 'r'
    and not pg_class.relispartition
    and pg_class.relname ~ '^(repo|language)_snapshots_[0-9]{8}$'
    and right(pg_class.relname, 8)
    between to_char(%(first_day)s, 'YYYYMMDD')
    and to_char(%(last_day)s + 1, 'YYYYMMDD')
order by detached_day, partition_name;
