-- temporary tables for observations, dropped at the end of the transaction

create temporary table fetched_companies (
    company_id bigint primary key,
    company_name text not null,
    account_type text not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    status text not null,
    mode text not null,
    read_by text not null,
    repositories_observed integer not null,
    requests integer not null,
    points integer not null,
    budget_left integer,
    error text
) on commit drop;

create temporary table observed_repos (
    observation bigint not null,
    repo_id bigint not null,
    node_id text,
    company_id bigint not null,
    name text not null,
    full_name text not null,
    language text,
    created_at timestamptz,
    updated_at timestamptz,
    pushed_at timestamptz,
    is_fork boolean not null,
    is_archived boolean not null,
    {metric} {type},
    license text
) on commit drop;

create temporary table language_readings (
    reading bigint not null,
    repo_id bigint not null,
    is_unconfirmed boolean not null default false
) on commit drop;

create temporary table read_languages (
    reading bigint not null,
    language_name text not null,
    bytes bigint not null
) on commit drop;

create temporary table gone_repos (
    repo_id bigint primary key
) on commit drop;

create temporary table confirmed_owners (
    repo_id bigint primary key,
    company_id bigint
) on commit drop;

create temporary table dropped_companies (
    company_id bigint primary key
) on commit drop;
