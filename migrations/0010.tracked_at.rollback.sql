-- loses when each company was tracked, and which alerts were sent
alter table ingestion_state drop column tracked_at;
-- with keys that earlier versions do not know
delete from alerts;
comment on column alerts.alert_key is
    'What is wrong: run, stale:LOGIN or audit:NAME.';
