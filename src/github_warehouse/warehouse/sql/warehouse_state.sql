-- the API host that the data comes from, the latest recorded day, and the last
-- run that wrote
select
    (
        select property_value
        from warehouse_properties
        where property_name = 'api_host'
    ) as api_host,
    (select max(snapshot_date) from repo_snapshots) as last_day,
    (
        select coalesce(max(run_id), 0)
        from pipeline_runs
        where status <> 'failed'
    ) as last_committed_run;
