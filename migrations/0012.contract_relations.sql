-- depends: 0011.plain_comments
-- contract relations, which `migrate` creates after the migrations

comment on column warehouse_properties.property_name is
    'api_host: host of the GitHub API that the data comes from; views, '
    'contracts: the views and contract relations that were created; '
    'complete_from: first day after an outage longer than retention, since '
    'when every day has snapshots.';
comment on column warehouse_properties.property_value is
    'A host name; JSON with the digest of each file; or a UTC day, '
    'YYYY-MM-DD.';
