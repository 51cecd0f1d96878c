-- depends: 0006.rollup_keys
-- what is wrong and has been told, until it is over

create table alerts (
    alert_key text primary key,
    message text not null,
    raised_at timestamptz not null
);

comment on table alerts is
    'One row per alert that was sent and whose cause is not over yet.';
comment on column alerts.alert_key is
    'What is wrong: run, stale:LOGIN or audit:NAME.';
comment on column alerts.message is 'What was told, in one line.';
comment on column alerts.raised_at is 'When it was told, UTC.';
