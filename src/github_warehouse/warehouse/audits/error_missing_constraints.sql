-- a partition that lacks constraints of its table, or has them unvalidated.
-- Runs rely on these constraints instead of looking for the rows they prevent
with expected (table_name, constraint_type, expected) as (
    values
    ('repo_snapshots', 'primary key', 1),
    ('repo_snapshots', 'foreign key', 2),
    (
        'repo_snapshots',
        'check',
        1 -- no value was observed after its day
        + 1 -- {count} is not negative
    ),
    ('language_snapshots', 'primary key', 1),
    ('language_snapshots', 'foreign key', 2),
    ('language_snapshots', 'check', 1)
),

partitions as (
    select
        pg_inherits.inhrelid as partition_id,
        pg_inherits.inhparent as table_id,
        substring(
            pg_get_expr(pg_class.relpartbound, pg_class.oid)
            from 'FROM \(''([0-9-]+)''\)'
        )::date as partition_day
    from pg_inherits
    inner join pg_class
        on pg_class.oid = pg_inherits.inhrelid
    where
        pg_inherits.inhparent in (
            'repo_snapshots'::regclass,
            'language_snapshots'::regclass
        )
)

select
    expected.table_name,
    partitions.partition_day,
    expected.constraint_type,
    expected.expected,
    count(pg_constraint.oid) as found
from expected
inner join partitions
    on partitions.table_id = expected.table_name::regclass
left join pg_constraint
    on
        pg_constraint.conrelid = partitions.partition_id
        and pg_constraint.convalidated
        and pg_constraint.contype = case expected.constraint_type
            when 'primary key' then 'p'
            when 'foreign key' then 'f'
            else 'c'
        end
where partitions.partition_day between %(first_day)s and %(last_day)s
group by
    expected.table_name,
    partitions.partition_day,
    expected.constraint_type,
    expected.expected
having count(pg_constraint.oid) < expected.expected;
