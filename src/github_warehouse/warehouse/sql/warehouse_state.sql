-- whose data is this, up to which day, and written by which run last?
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
