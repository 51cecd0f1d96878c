-- the partitions of a table, by day
select
    substring(
        pg_get_expr(partition.relpartbound, partition.oid)
        from 'FROM \(''([0-9-]+)''\)'
    )::date as partition_day,
    partition.relname as partition_name
from pg_inherits
inner join pg_class as partition
    on partition.oid = pg_inherits.inhrelid
where
    pg_inherits.inhparent = %s::regclass
    -- excludes a default partition, and one whose detaching was interrupted
    and pg_get_expr(partition.relpartbound, partition.oid) <> 'DEFAULT'
    and coalesce(
        to_jsonb(pg_inherits) ->> 'inhdetachpending', 'false'
    ) = 'false'
order by partition_day;
