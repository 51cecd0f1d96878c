-- the days for which there are partitions of a table
select
    substring(
        pg_get_expr(partition.relpartbound, partition.oid)
        from 'FROM \(''([0-9-]+)''\)'
    )::date as partition_day,
    partition.relname as partition_name
from pg_inherits
inner join pg_class as partition
    on partition.oid = pg_inherits.inhrelid
where pg_inherits.inhparent = %s::regclass
order by partition_day;
