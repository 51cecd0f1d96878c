-- loses the plainer comments

comment on table alerts is
    'One row per alert that was sent and whose cause is not over yet.';
comment on column alerts.message is 'What was told, in one line.';
comment on column alerts.raised_at is 'When it was told, UTC.';

comment on table companies is
    'One row per account on GitHub, an organisation or a user.';
comment on column companies.company_id is
    'GitHub''s numeric id of the account; logins change hands, it does not.';
comment on column companies.company_name is
    'Login, spelled as GitHub spells it.';
comment on column companies.account_type is
    'Organization or User, in GitHub''s words.';
comment on column companies.is_tracked is
    'Whether the daily ingest records it; history stays either way.';

comment on table company_daily is
    'One row per tracked company per UTC day, as of that day, for ever.';
comment on column company_daily.company_id is
    'GitHub''s numeric id of the account.';
comment on column company_daily.repos_languages_read is
    'Repositories whose languages had been read by that day, count; totals by '
    'language cover these. Null on days recorded before version 0.2.';

comment on table company_language_daily is
    'One row per tracked company per UTC day per language, as of that day, '
    'for ever.';
comment on column company_language_daily.company_id is
    'GitHub''s numeric id of the account, one of companies.';
comment on column company_language_daily.language_id is 'One of languages.';

comment on column ingestion_state.source is
    'Login under which the company is tracked, unique in any letter case; '
    'LOGIN#ID once another account is tracked under that login.';
comment on column ingestion_state.company_id is
    'GitHub''s numeric id of the account.';
comment on column ingestion_state.last_run is
    'Watermark, UTC: start of the last run that read every list page of the '
    'company; null before the first, and once it is untracked.';
comment on column ingestion_state.last_sweep is
    'Start, UTC, of the last run that read every repository of the company; '
    'null before the first.';

comment on column language_snapshots.repo_id is
    'GitHub''s numeric id of the repository.';
comment on column language_snapshots.language_id is
    'Language that GitHub found in the repository.';
comment on column language_snapshots.bytes is
    'Bytes of code in that language, not lines.';

comment on table languages is
    'One row per language GitHub has named, case-sensitive.';
comment on column languages.language_id is
    'The warehouse''s own number of the language.';
comment on column languages.language_name is 'As GitHub spells it.';

comment on table pipeline_run_companies is
    'One row per run per company it read, or tried to.';
comment on column pipeline_run_companies.run_id is 'The run it belongs to.';
comment on column pipeline_run_companies.company_id is
    'GitHub''s numeric id of the account.';
comment on column pipeline_run_companies.started_at is 'Business time, UTC.';
comment on column pipeline_run_companies.finished_at is 'Business time, UTC.';
comment on column pipeline_run_companies.status is
    'succeeded; incomplete: what came was kept, the watermark stays; failed: '
    'nothing of it was read, all is carried forward.';
comment on column pipeline_run_companies.mode is
    'sweep: every repository was read; incremental: those that changed.';
comment on column pipeline_run_companies.source is
    'GitHub API that the company was read by in the end.';
comment on column pipeline_run_companies.repositories_observed is
    'Repositories that GitHub answered with, count.';
comment on column pipeline_run_companies.requests is
    'HTTP requests sent to GitHub, tries included, count.';
comment on column pipeline_run_companies.budget_left is
    'Requests or points left in the hour as GitHub last said.';
comment on column pipeline_run_companies.error is
    'What went wrong, in one line.';

comment on column pipeline_runs.run_id is
    'Number of the run; later runs have higher ones.';
comment on column pipeline_runs.started_at is 'Business time, UTC.';
comment on column pipeline_runs.finished_at is 'Business time, UTC.';
comment on column pipeline_runs.snapshot_date is 'UTC day it recorded.';
comment on column pipeline_runs.status is
    'succeeded; partial: some companies were not read whole; failed: nothing '
    'was written.';
comment on column pipeline_runs.mode is
    'sweep: every repository was read; incremental: those that changed; '
    'mixed: the one for some companies, the other for the rest.';
comment on column pipeline_runs.source is 'GitHub API that was read.';
comment on column pipeline_runs.companies is
    'Companies it read, or tried to, count.';
comment on column pipeline_runs.companies_failed is
    'Companies that were not read whole, count.';
comment on column pipeline_runs.repositories_updated is
    'Repositories that are new or of which a column changed, count.';
comment on column pipeline_runs.snapshots_carried is
    'Snapshots written with values carried forward, those of missed days '
    'among them, count.';
comment on column pipeline_runs.requests is
    'HTTP requests sent to GitHub, tries included, count.';
comment on column pipeline_runs.budget_left is
    'Requests or points left in the hour as GitHub last said; null when it '
    'said nothing.';
comment on column pipeline_runs.error is
    'What went wrong, in one line; null when nothing did.';
comment on column pipeline_runs.warnings is
    'What its audits found suspicious, in one line; null when nothing.';

comment on table repo_snapshots is
    'One row per repository per UTC day of its tracked stretch, within '
    'retention.';
comment on column repo_snapshots.repo_id is
    'GitHub''s numeric id of the repository.';
comment on column repo_snapshots.snapshot_date is
    'UTC day on which the run that recorded it began, or a missed day that it '
    'filled.';
comment on column repo_snapshots.observed_on is
    'UTC day on which GitHub said so; earlier than snapshot_date when the '
    'values are carried forward.';

comment on column repos.id is
    'GitHub''s numeric id: kept through renames and transfers.';
comment on column repos.node_id is
    'GitHub''s GraphQL id, by which one missing from a list is looked up.';
comment on column repos.name is 'Name without its owner.';
comment on column repos.full_name is
    'owner/name as last observed; not unique, for names are reused.';
comment on column repos.language is
    'Primary language by GitHub''s own cache; null when it names none.';
comment on column repos.created_at is 'When GitHub created it, UTC.';
comment on column repos.updated_at is
    'When GitHub last changed its record, UTC; a push need not move it.';
comment on column repos.pushed_at is
    'Last push to any branch, UTC; null when nothing was ever pushed.';
comment on column repos.is_archived is
    'Whether its owner made it read-only, as last observed.';
comment on column repos.license is
    'SPDX id of the licence; NOASSERTION when GitHub cannot tell which, null '
    'when there is none.';
comment on column repos.tracked_from is
    'First UTC day of the present unbroken stretch of snapshots.';
comment on column repos.removed_on is
    'First UTC day without a snapshot; null while it is there.';
comment on column repos.languages_observed_at is
    'When its languages were last read, UTC; null when never.';
comment on column repos.languages_pushed_at is
    'The pushed_at at which its languages were last read.';
comment on column repos.languages_empty_since is
    'UTC day on which a set of languages was first seen empty and not yet '
    'believed; null when no such answer is pending.';

comment on table warehouse_properties is
    'What the warehouse knows of itself: the API host it holds data of '
    '(api_host), the views it was built with (views), and the first day after '
    'an outage longer than retention, since when every day has snapshots '
    '(complete_from).';
comment on column warehouse_properties.property_name is 'api_host or views.';
comment on column warehouse_properties.property_value is
    'Host name, or JSON: the digest of each view''s file.';
