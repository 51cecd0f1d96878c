-- tables that are named like partitions and are not attached: days that
-- somebody detached by hand
select
    substring(pg_class.relname from '^(.+)_[0-9]{8}$') as table_name,
    pg_class.relname as partition_name,
    right(pg_class.relname, 8) as partition_day
from pg_class
where
    pg_class.relnamespace = 'public'::regnamespace
    and pg_class.relkind = 'r'
    and not pg_class.relispartition
    and pg_class.relname ~ '^(repo|language)_snapshots_[0-9]{8}$'
order by partition_day, pg_class.relname;
