-- loses nothing: contract relations are dropped before every rollback

comment on column warehouse_properties.property_name is
    'api_host: host of the GitHub API that the data comes from; views: the '
    'views that were created; complete_from: first day after an outage longer '
    'than retention, since when every day has snapshots.';
comment on column warehouse_properties.property_value is
    'A host name; JSON with the digest of each view file; or a UTC day, '
    'YYYY-MM-DD.';
