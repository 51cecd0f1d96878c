-- depends: 0006.rollup_keys
-- every column of every table says what it means: docs/data-dictionary.md is
-- made from these comments

comment on column repos.is_fork is
    'Whether it was forked from another repository.';
comment on column repos.is_archived is
    'Whether its owner made it read-only, as last observed.';

comment on column languages.language_id is
    'The warehouse''s own number of the language.';

comment on column ingestion_state.company_id is
    'GitHub''s numeric id of the account.';
comment on column ingestion_state.last_sweep is
    'Start, UTC, of the last run that read every repository of the company; '
    'null before the first.';

comment on column warehouse_properties.property_name is
    'api_host or views.';
comment on column warehouse_properties.property_value is
    'Host name, or JSON: the digest of each view''s file.';

comment on column repo_snapshots.repo_id is
    'GitHub''s numeric id of the repository.';
comment on column repo_snapshots.snapshot_date is
    'UTC day on which the run that recorded it began, or a missed day that '
    'it filled.';

comment on column language_snapshots.repo_id is
    'GitHub''s numeric id of the repository.';
comment on column language_snapshots.snapshot_date is
    'UTC day, as in repo_snapshots.';
comment on column language_snapshots.language_id is
    'Language that GitHub found in the repository.';

comment on column company_daily.company_id is
    'GitHub''s numeric id of the account.';
comment on column company_daily.snapshot_date is
    'UTC day, as in repo_snapshots.';

comment on column company_language_daily.company_id is
    'GitHub''s numeric id of the account, one of companies.';
comment on column company_language_daily.snapshot_date is
    'UTC day, as in repo_snapshots.';
comment on column company_language_daily.language_id is
    'One of languages.';

comment on column pipeline_runs.run_id is
    'Number of the run; later runs have higher ones.';
comment on column pipeline_runs.companies is
    'Companies it read, or tried to, count.';
comment on column pipeline_runs.companies_failed is
    'Companies that were not read whole, count.';

comment on column pipeline_run_companies.run_id is 'The run it belongs to.';
comment on column pipeline_run_companies.company_id is
    'GitHub''s numeric id of the account.';
comment on column pipeline_run_companies.mode is
    'sweep: every repository was read; incremental: those that changed.';
comment on column pipeline_run_companies.source is
    'GitHub API that the company was read by in the end.';
