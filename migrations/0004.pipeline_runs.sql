-- depends: 0001.dimensions
-- what each run did, as a whole and by company

create table pipeline_runs (
    run_id bigserial primary key,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    snapshot_date date not null,
    status text not null,
    mode text not null,
    source text not null,
    companies integer not null default 0,
    companies_failed integer not null default 0,
    repositories_updated integer not null default 0,
    snapshots_fresh integer not null default 0,
    snapshots_carried integer not null default 0,
    language_rows integer not null default 0,
    requests integer not null default 0,
    points integer not null default 0,
    budget_left integer,
    error text,
    constraint pipeline_runs_status check (
        status in ('succeeded', 'partial', 'failed')
    ),
    constraint pipeline_runs_mode check (
        mode in ('sweep', 'incremental', 'mixed')
    ),
    constraint pipeline_runs_source check (source in ('graphql', 'rest'))
);

comment on table pipeline_runs is 'One row per run of the ingest.';
comment on column pipeline_runs.started_at is 'Business time, UTC.';
comment on column pipeline_runs.finished_at is 'Business time, UTC.';
comment on column pipeline_runs.snapshot_date is 'UTC day it recorded.';
comment on column pipeline_runs.status is
    'succeeded; partial: some companies were not read whole; failed: '
    'nothing was written.';
comment on column pipeline_runs.mode is
    'sweep: every repository was read; incremental: those that changed; '
    'mixed: the one for some companies, the other for the rest.';
comment on column pipeline_runs.source is 'GitHub API that was read.';
comment on column pipeline_runs.repositories_updated is
    'Repositories that are new or of which a column changed, count.';
comment on column pipeline_runs.snapshots_fresh is
    'Snapshots of the day with values observed in this run, count.';
comment on column pipeline_runs.snapshots_carried is
    'Snapshots written with values carried forward, those of missed days '
    'among them, count.';
comment on column pipeline_runs.language_rows is
    'Language snapshots of the day written or changed, count.';
comment on column pipeline_runs.requests is
    'HTTP requests sent to GitHub, tries included, count.';
comment on column pipeline_runs.points is 'GraphQL points spent, count.';
comment on column pipeline_runs.budget_left is
    'Requests or points left in the hour as GitHub last said; null when it '
    'said nothing.';
comment on column pipeline_runs.error is
    'What went wrong, in one line; null when nothing did.';

create table pipeline_run_companies (
    run_id bigint not null references pipeline_runs (run_id),
    company_id bigint not null references companies (company_id),
    started_at timestamptz not null,
    finished_at timestamptz not null,
    status text not null,
    mode text not null,
    source text not null,
    repositories_observed integer not null,
    snapshots_fresh integer not null,
    snapshots_carried integer not null,
    requests integer not null,
    points integer not null,
    budget_left integer,
    error text,
    primary key (run_id, company_id),
    constraint pipeline_run_companies_status check (
        status in ('succeeded', 'incomplete', 'failed')
    ),
    constraint pipeline_run_companies_mode check (
        mode in ('sweep', 'incremental')
    ),
    constraint pipeline_run_companies_source check (
        source in ('graphql', 'rest')
    )
);

comment on table pipeline_run_companies is
    'One row per run per company it read, or tried to.';
comment on column pipeline_run_companies.started_at is 'Business time, UTC.';
comment on column pipeline_run_companies.finished_at is 'Business time, UTC.';
comment on column pipeline_run_companies.status is
    'succeeded; incomplete: what came was kept, the watermark stays; '
    'failed: nothing of it was read, all is carried forward.';
comment on column pipeline_run_companies.repositories_observed is
    'Repositories that GitHub answered with, count.';
comment on column pipeline_run_companies.snapshots_fresh is
    'Snapshots of the day with values observed in this run, count.';
comment on column pipeline_run_companies.snapshots_carried is
    'Snapshots of the day with values carried forward, count.';
comment on column pipeline_run_companies.requests is
    'HTTP requests sent to GitHub, tries included, count.';
comment on column pipeline_run_companies.points is
    'GraphQL points spent, count.';
comment on column pipeline_run_companies.budget_left is
    'Requests or points left in the hour as GitHub last said.';
comment on column pipeline_run_companies.error is
    'What went wrong, in one line.';
