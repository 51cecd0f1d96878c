-- set a property of the warehouse
insert into warehouse_properties (property_name, property_value)
values (%s, %s)
on conflict (property_name) do update
set property_value = excluded.property_value;
