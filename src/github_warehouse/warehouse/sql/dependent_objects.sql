-- objects that would be lost with some views: what each is, the view or other
-- object that it depends on, and its name if it is itself one of the relations
-- that are asked about; also what depends on these objects in turn
with recursive dependents as (
    select
        'pg_class'::regclass::oid as class_id,
        pg_class.oid as object_id,
        0 as column_number,
        null::oid as parent_class_id,
        null::oid as parent_id,
        'view' as how
    from pg_class
    where pg_class.oid = any (%(views)s::regclass[])

    union

    -- a view depends by its rule, which stands for the view here; any other
    -- rule stands for itself
    select
        case when is_view_of.oid is null
            then pg_depend.classid else 'pg_class'::regclass end,
        coalesce(is_view_of.ev_class, pg_depend.objid),
        case when is_view_of.oid is null then pg_depend.objsubid else 0 end,
        dependents.class_id,
        dependents.object_id,
        case pg_depend.deptype when 'i' then 'part' else 'dependent' end
    from dependents
    inner join pg_depend
        on pg_depend.refclassid = dependents.class_id
        and pg_depend.refobjid = dependents.object_id
    left join pg_rewrite as is_view_of
        on pg_depend.classid = 'pg_rewrite'::regclass
        and is_view_of.oid = pg_depend.objid
        and is_view_of.rulename = '_RETURN'
    where
        -- a view depends on itself
        is_view_of.ev_class is distinct from dependents.object_id
        and dependents.column_number = 0
        and (
            pg_depend.deptype in ('n', 'i')
            -- such as triggers, which are dropped without a word
            or (pg_depend.deptype = 'a' and dependents.how = 'view')
        )
)

select
    pg_describe_object(class_id, object_id, column_number) as what,
    pg_describe_object(parent_class_id, parent_id, 0) as depends_on,
    case when class_id = 'pg_class'::regclass and column_number = 0
        then object_id::regclass::text end as relation_name
from dependents
where how = 'dependent'
order by what, depends_on;
