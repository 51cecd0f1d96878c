-- when a warehouse that never tracked a company was created, if that was two
-- days ago or more
select min(applied_at_utc) at time zone 'UTC' as since
from _yoyo_migration
where not exists (select from companies)
having min(applied_at_utc) at time zone 'UTC' <= %(now)s - interval '2 days';
