-- Question: How did each run go, and what did it cost?
-- Grain: one run.
-- Source: pipeline_runs.
-- Caveats: a run that was killed leaves no row; see data_freshness.

create or replace view pipeline_health as
select
    pipeline_runs.run_id,
    pipeline_runs.started_at,
    pipeline_runs.finished_at,
    round(
        extract(
            epoch from pipeline_runs.finished_at - pipeline_runs.started_at
        ),
        2
    ) as duration_seconds,
    pipeline_runs.snapshot_date,
    pipeline_runs.status,
    pipeline_runs.mode,
    pipeline_runs.source,
    pipeline_runs.companies,
    pipeline_runs.companies_failed,
    pipeline_runs.repositories_updated,
    pipeline_runs.snapshots_fresh,
    pipeline_runs.snapshots_carried,
    pipeline_runs.language_rows,
    pipeline_runs.requests,
    pipeline_runs.points,
    pipeline_runs.budget_left,
    pipeline_runs.error,
    pipeline_runs.warnings
from pipeline_runs;

comment on view pipeline_health is 'One row per run of the ingest.';
comment on column pipeline_health.run_id is
    'ID of the run; later runs have higher ones.';
comment on column pipeline_health.started_at is
    'Start of the run, UTC; the value of --as-of if that was given.';
comment on column pipeline_health.finished_at is
    'End of the run, UTC, on the same clock as started_at.';
comment on column pipeline_health.duration_seconds is
    'From started_at to finished_at, seconds.';
comment on column pipeline_health.snapshot_date is
    'UTC day that the run recorded.';
comment on column pipeline_health.status is
    'succeeded; partial: some companies were not fully read; failed: nothing '
    'was written.';
comment on column pipeline_health.mode is
    'sweep: every repository was read; incremental: only those that changed; '
    'mixed: some companies were swept and others read incrementally.';
comment on column pipeline_health.source is
    'GitHub API that was used: graphql or rest.';
comment on column pipeline_health.companies is 'Companies in the run, count.';
comment on column pipeline_health.companies_failed is
    'Companies that were not fully read, count.';
comment on column pipeline_health.repositories_updated is
    'Repositories that are new or changed in any column, count.';
comment on column pipeline_health.snapshots_fresh is
    'Snapshots of the day with values observed in this run, count.';
comment on column pipeline_health.snapshots_carried is
    'Snapshots written with values carried forward, including those of missed '
    'days, count.';
comment on column pipeline_health.language_rows is
    'Language snapshots of the day written or changed, count.';
comment on column pipeline_health.requests is
    'HTTP requests sent to GitHub, including retries, count.';
comment on column pipeline_health.points is 'GraphQL points spent, count.';
comment on column pipeline_health.budget_left is
    'Requests or points left in GitHub''s hourly rate limit when last '
    'reported; null if never reported.';
comment on column pipeline_health.error is
    'What went wrong, in one line; null if nothing did.';
comment on column pipeline_health.warnings is
    'Warnings of the audits, in one line; null if there are none.';
