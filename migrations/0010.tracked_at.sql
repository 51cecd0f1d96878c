-- depends: 0009.tracking_repairs
-- remember when a company was tracked; say which keys the alerts have by now

alter table ingestion_state add column tracked_at timestamptz;

comment on column ingestion_state.tracked_at is
    'When the company was last tracked, UTC; null while it is untracked, and '
    'for one tracked before version 0.2.';

comment on column alerts.alert_key is
    'What is wrong: run (a run failed or was refused), incomplete (a run was '
    'partial), blocked (one run after the other found another going on; '
    'blocked once is the first, which is not sent), killed (a run was '
    'killed), company:LOGIN (it was not read whole), stale:LOGIN (nor for '
    'two days), ahead:LOGIN (it was read in the future) or audit:NAME (an '
    'audit warns).';
