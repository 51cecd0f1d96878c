-- the columns of a relation in order, and whether each one is text
select
    attribute.attname as column_name,
    attribute.atttypid = 'text'::regtype as is_text
from pg_attribute as attribute
where
    attribute.attrelid = %s::regclass
    and attribute.attnum > 0
    and not attribute.attisdropped
order by attribute.attnum;
