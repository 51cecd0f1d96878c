-- loses the comments
comment on column repos.is_fork is null;
comment on column repos.is_archived is null;
comment on column languages.language_id is null;
comment on column ingestion_state.company_id is null;
comment on column ingestion_state.last_sweep is
    'Start, UTC, of the last run that read every repository of the company.';
comment on column warehouse_properties.property_name is null;
comment on column warehouse_properties.property_value is null;
comment on column repo_snapshots.repo_id is null;
comment on column repo_snapshots.snapshot_date is null;
comment on column language_snapshots.repo_id is null;
comment on column language_snapshots.snapshot_date is null;
comment on column language_snapshots.language_id is null;
comment on column company_daily.company_id is null;
comment on column company_daily.snapshot_date is null;
comment on column company_language_daily.company_id is null;
comment on column company_language_daily.snapshot_date is null;
comment on column company_language_daily.language_id is null;
comment on column pipeline_runs.run_id is null;
comment on column pipeline_runs.companies is null;
comment on column pipeline_runs.companies_failed is null;
comment on column pipeline_run_companies.run_id is null;
comment on column pipeline_run_companies.company_id is null;
comment on column pipeline_run_companies.mode is null;
comment on column pipeline_run_companies.source is null;
