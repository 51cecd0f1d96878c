-- depends: 0002.facts
-- per-company totals of each day, kept for ever

create table company_daily (
    company_id bigint not null references companies (company_id),
    snapshot_date date not null,
    repos integer not null,
    stars bigint not null,
    forks bigint not null,
    open_issues bigint not null,
    primary key (company_id, snapshot_date)
);

create index company_daily_snapshot_date on company_daily (snapshot_date);

comment on table company_daily is
    'One row per tracked company per UTC day, as of that day, for ever.';
comment on column company_daily.repos is 'Repositories, count.';
comment on column company_daily.stars is 'Sum of stars.';
comment on column company_daily.forks is 'Sum of forks.';
comment on column company_daily.open_issues is
    'Sum of open issues and pull requests.';

create table company_language_daily (
    company_id bigint not null references companies (company_id),
    snapshot_date date not null,
    language_id integer not null references languages (language_id),
    repos integer not null,
    bytes bigint not null,
    primary key (company_id, snapshot_date, language_id)
);

create index company_language_daily_snapshot_date
on company_language_daily (snapshot_date);

comment on table company_language_daily is
    'One row per tracked company per UTC day per language, as of that day, '
    'for ever.';
comment on column company_language_daily.repos is
    'Repositories with that language, count.';
comment on column company_language_daily.bytes is
    'Sum of bytes of code in that language.';
