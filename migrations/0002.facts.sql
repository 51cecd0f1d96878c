-- depends: 0001.dimensions
-- one snapshot per repository (and language) per UTC day, a partition a day

create table repo_snapshots (
    repo_id bigint not null references repos (id),
    snapshot_date date not null,
    company_id bigint not null references companies (company_id),
    stars integer not null,
    forks integer not null,
    open_issues integer not null,
    observed_on date not null,
    primary key (repo_id, snapshot_date),
    constraint repo_snapshots_stars_count check (stars >= 0),
    constraint repo_snapshots_forks_count check (forks >= 0),
    constraint repo_snapshots_open_issues_count check (open_issues >= 0),
    constraint repo_snapshots_observed_by_then check (
        observed_on <= snapshot_date
    )
) partition by range (snapshot_date);

create index repo_snapshots_snapshot_date on repo_snapshots (snapshot_date);

comment on table repo_snapshots is
    'One row per repository per UTC day of its tracked stretch, within '
    'retention.';
comment on column repo_snapshots.company_id is 'Owner on that day.';
comment on column repo_snapshots.stars is 'Stargazers, count.';
comment on column repo_snapshots.forks is 'Forks, count.';
comment on column repo_snapshots.open_issues is
    'Open issues and open pull requests together, count, as GitHub''s REST '
    'API counts them.';
comment on column repo_snapshots.observed_on is
    'UTC day on which GitHub said so; earlier than snapshot_date when the '
    'values are carried forward.';

create table language_snapshots (
    repo_id bigint not null references repos (id),
    snapshot_date date not null,
    language_id integer not null references languages (language_id),
    bytes bigint not null,
    primary key (repo_id, snapshot_date, language_id),
    constraint language_snapshots_bytes_count check (bytes >= 0)
) partition by range (snapshot_date);

comment on table language_snapshots is
    'One row per repository per UTC day per language, within retention.';
comment on column language_snapshots.bytes is
    'Bytes of code in that language, not lines.';
