-- depends: 0010.tracked_at
-- say what each table and column means in plain English

comment on table alerts is
    'One row per alert that was sent and is not resolved yet.';
comment on column alerts.message is 'What was sent, in one line.';
comment on column alerts.raised_at is 'When it was first sent, UTC.';

comment on table companies is
    'One row per GitHub account (organization or user) that was ever tracked.';
comment on column companies.company_id is
    'GitHub''s numeric ID of the account. It never changes, unlike the login.';
comment on column companies.company_name is
    'Login in GitHub''s spelling, as last observed.';
comment on column companies.account_type is
    'Organization or User, as GitHub calls it.';
comment on column companies.is_tracked is
    'Whether the daily ingest records the company. Its history stays when it '
    'no longer does.';

comment on table company_daily is
    'One row per tracked company per UTC day: totals as of that day, kept '
    'forever.';
comment on column company_daily.company_id is
    'GitHub''s numeric ID of the account.';
comment on column company_daily.repos_languages_read is
    'Repositories whose languages had been read by that day, count; totals by '
    'language cover only these. Null if unknown, because the snapshots of '
    'that day were dropped before version 0.2.';

comment on table company_language_daily is
    'One row per tracked company per UTC day per language: totals as of that '
    'day, kept forever.';
comment on column company_language_daily.company_id is
    'GitHub''s numeric ID of the account; refers to companies, without a '
    'foreign key.';
comment on column company_language_daily.language_id is
    'Refers to languages, without a foreign key.';

comment on column ingestion_state.source is
    'Login under which the company is tracked (tracked_login in the Python '
    'code), unique in any letter case; LOGIN#ID once another account is '
    'tracked under that login.';
comment on column ingestion_state.company_id is
    'GitHub''s numeric ID of the account.';
comment on column ingestion_state.last_run is
    'Watermark, UTC: start of the last run that fully read the company; null '
    'before the first one and after untracking.';
comment on column ingestion_state.last_sweep is
    'Start of the last run that read every repository of the company, UTC; '
    'null before the first one and after untracking.';

comment on column language_snapshots.repo_id is
    'GitHub''s numeric ID of the repository.';
comment on column language_snapshots.language_id is
    'Language of code in the repository, as detected by GitHub.';
comment on column language_snapshots.bytes is
    'Bytes of code in that language (not lines).';

comment on table languages is
    'One row per language that GitHub has reported, case-sensitive.';
comment on column languages.language_id is
    'ID of the language in this warehouse.';
comment on column languages.language_name is 'Name in GitHub''s spelling.';

comment on table pipeline_run_companies is
    'One row per run per company that it read or tried to read.';
comment on column pipeline_run_companies.run_id is 'ID of the run.';
comment on column pipeline_run_companies.company_id is
    'GitHub''s numeric ID of the account.';
comment on column pipeline_run_companies.started_at is
    'Start of reading the company, UTC; the value of --as-of if that was '
    'given.';
comment on column pipeline_run_companies.finished_at is
    'End of reading the company, UTC, on the same clock as started_at.';
comment on column pipeline_run_companies.status is
    'succeeded; incomplete: what was read is stored, but the watermark does '
    'not move; failed: nothing was read, and all values are carried forward.';
comment on column pipeline_run_companies.mode is
    'sweep: every repository was read; incremental: only those that changed.';
comment on column pipeline_run_companies.source is
    'GitHub API that was used last for the company: graphql or rest.';
comment on column pipeline_run_companies.repositories_observed is
    'Repositories that GitHub returned, count.';
comment on column pipeline_run_companies.requests is
    'HTTP requests sent to GitHub, including retries, count.';
comment on column pipeline_run_companies.budget_left is
    'Requests or points left in GitHub''s hourly rate limit when last '
    'reported; null if never reported.';
comment on column pipeline_run_companies.error is
    'What went wrong, in one line; null if nothing did.';

comment on column pipeline_runs.run_id is
    'ID of the run; later runs have higher ones.';
comment on column pipeline_runs.started_at is
    'Start of the run, UTC; the value of --as-of if that was given.';
comment on column pipeline_runs.finished_at is
    'End of the run, UTC, on the same clock as started_at.';
comment on column pipeline_runs.snapshot_date is
    'UTC day that the run recorded.';
comment on column pipeline_runs.status is
    'succeeded; partial: some companies were not fully read; failed: nothing '
    'was written.';
comment on column pipeline_runs.mode is
    'sweep: every repository was read; incremental: only those that changed; '
    'mixed: some companies were swept and others read incrementally.';
comment on column pipeline_runs.source is
    'GitHub API that was used: graphql or rest.';
comment on column pipeline_runs.companies is
    'Companies that the run read or tried to read, count.';
comment on column pipeline_runs.companies_failed is
    'Companies that were not fully read, count.';
comment on column pipeline_runs.repositories_updated is
    'Repositories that are new or changed in any column, count.';
comment on column pipeline_runs.snapshots_carried is
    'Snapshots written with values carried forward, including those of missed '
    'days, count.';
comment on column pipeline_runs.requests is
    'HTTP requests sent to GitHub, including retries, count.';
comment on column pipeline_runs.budget_left is
    'Requests or points left in GitHub''s hourly rate limit when last '
    'reported; null if never reported.';
comment on column pipeline_runs.error is
    'What went wrong, in one line; null if nothing did.';
comment on column pipeline_runs.warnings is
    'Warnings of the audits, in one line; null if there are none.';

comment on table repo_snapshots is
    'One row per repository per UTC day of its tracking period, within '
    'retention.';
comment on column repo_snapshots.repo_id is
    'GitHub''s numeric ID of the repository.';
comment on column repo_snapshots.snapshot_date is
    'UTC day on which the run began, or a missed day that a later run filled '
    'in.';
comment on column repo_snapshots.observed_on is
    'UTC day on which GitHub reported these values; earlier than '
    'snapshot_date if they are carried forward.';

comment on column repos.id is
    'GitHub''s numeric ID; it survives renames and transfers.';
comment on column repos.node_id is
    'GitHub''s GraphQL ID, used to look up a repository that is missing from '
    'a list.';
comment on column repos.name is 'Name without the owner.';
comment on column repos.full_name is
    'owner/name as last observed; not unique, because names are reused.';
comment on column repos.language is
    'Primary language as determined by GitHub; null if there is none.';
comment on column repos.created_at is 'When the repository was created, UTC.';
comment on column repos.updated_at is
    'When GitHub last changed its record of the repository, UTC; a push does '
    'not always change it.';
comment on column repos.pushed_at is
    'Last push to any branch, UTC; null if nothing was ever pushed.';
comment on column repos.is_archived is
    'Whether the owner archived it, which makes it read-only; as last '
    'observed.';
comment on column repos.license is
    'SPDX ID of the license; NOASSERTION if GitHub cannot identify it, null '
    'if there is none.';
comment on column repos.tracked_from is
    'First UTC day of the current tracking period, which has a snapshot for '
    'every day.';
comment on column repos.removed_on is
    'First UTC day without a snapshot; null while the repository exists and '
    'is tracked.';
comment on column repos.languages_observed_at is
    'When its languages were last read, UTC; null if they were never read in '
    'this tracking period.';
comment on column repos.languages_pushed_at is
    'Value of pushed_at when its languages were last read, UTC.';
comment on column repos.languages_empty_since is
    'UTC day on which GitHub first reported no languages for a repository '
    'that had some; null unless that is still to be confirmed on a later day.';

comment on table warehouse_properties is
    'Properties of the warehouse, one per row.';
comment on column warehouse_properties.property_name is
    'api_host: host of the GitHub API that the data comes from; views: the '
    'views that were created; complete_from: first day after an outage longer '
    'than retention, since when every day has snapshots.';
comment on column warehouse_properties.property_value is
    'A host name; JSON with the digest of each view file; or a UTC day, '
    'YYYY-MM-DD.';
