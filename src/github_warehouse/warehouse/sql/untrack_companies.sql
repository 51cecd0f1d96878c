-- record these companies no more; all their rows stay
update companies
set is_tracked = false
where company_id = any(%s::bigint[]);
