-- loses when each company was tracked
alter table ingestion_state drop column tracked_at;
comment on column alerts.alert_key is
    'What is wrong: run, stale:LOGIN or audit:NAME.';
