-- companies, their repositories, languages, and how far each company was read

create table companies (
    company_id bigint primary key,
    company_name text not null,
    account_type text not null,
    is_tracked boolean not null default true,
    constraint companies_name_is_given check (company_name <> '')
);

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

create table repos (
    id bigint primary key,
    node_id text,
    company_id bigint not null references companies (company_id),
    name text not null,
    full_name text not null,
    language text,
    created_at timestamptz,
    updated_at timestamptz,
    pushed_at timestamptz,
    is_fork boolean not null,
    is_archived boolean not null,
    license text,
    tracked_from date not null,
    removed_on date,
    languages_observed_at timestamptz,
    languages_pushed_at timestamptz,
    languages_empty_since date,
    constraint repos_removed_after_tracked check (removed_on >= tracked_from)
);

create index repos_company_id on repos (company_id);

comment on table repos is
    'One row per repository ever recorded, as last observed.';
comment on column repos.id is
    'GitHub''s numeric id: kept through renames and transfers.';
comment on column repos.node_id is
    'GitHub''s GraphQL id, by which one missing from a list is looked up.';
comment on column repos.company_id is 'Owner as last observed.';
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
comment on column repos.license is
    'SPDX id of the licence; NOASSERTION when GitHub cannot tell which, '
    'null when there is none.';
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

create table languages (
    language_id serial primary key,
    language_name text not null unique
);

comment on table languages is
    'One row per language GitHub has named, case-sensitive.';
comment on column languages.language_name is 'As GitHub spells it.';

create table ingestion_state (
    source text primary key,
    company_id bigint not null unique references companies (company_id),
    last_run timestamptz,
    last_sweep timestamptz
);

comment on table ingestion_state is
    'One row per company ever tracked: how far it was read.';
comment on column ingestion_state.source is
    'Login under which the company is tracked.';
comment on column ingestion_state.last_run is
    'Watermark, UTC: start of the last run that read every list page of '
    'the company; null before the first.';
comment on column ingestion_state.last_sweep is
    'Start, UTC, of the last run that read every repository of the company.';

create table warehouse_properties (
    property_name text primary key,
    property_value text not null
);

comment on table warehouse_properties is
    'What the warehouse knows of itself: the API host it holds data of '
    '(api_host) and the views it was built with (views).';
