-- depends: 0009.tracking_repairs
-- remember when a company was tracked; key alerts by account id, because two
-- companies may have one login

alter table ingestion_state add column tracked_at timestamptz;

comment on column ingestion_state.tracked_at is
    'When the company was last tracked, UTC; null while it is untracked, and '
    'for one tracked before version 0.2.';

update alerts
set alert_key = 'stale:' || companies.company_id
from companies
where
    companies.is_tracked
    and alerts.alert_key = 'stale:' || companies.company_name;

comment on column alerts.alert_key is
    'What is wrong: run:ERROR (a run failed or was refused; the kind of '
    'error, none if sent by version 0.1), blocked (one run after the other '
    'found another in progress; blocked once is the first, which is not '
    'sent), killed (a run was killed), out of time (RUN_MAX_MINUTES was '
    'reached), new:LOGIN (it is new in COMPANIES and was not found), '
    'untracked (no company was ever tracked), company:ID (it was not read '
    'completely), stale:ID (nor for two days), ahead:ID (it was read in the '
    'future) or audit:NAME (an audit warns).';
