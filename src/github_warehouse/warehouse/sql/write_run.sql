-- one row for the run; returns its number
insert into pipeline_runs (
    started_at,
    finished_at,
    snapshot_date,
    status,
    mode,
    source,
    companies,
    companies_failed,
    repositories_updated,
    snapshots_fresh,
    snapshots_carried,
    language_rows,
    requests,
    points,
    budget_left,
    error,
    warnings
)
values (
    %(started_at)s,
    %(finished_at)s,
    %(day)s,
    %(status)s,
    %(mode)s,
    %(source)s,
    %(companies)s,
    %(companies_failed)s,
    %(repositories_updated)s,
    %(snapshots_fresh)s,
    %(snapshots_carried)s,
    %(language_rows)s,
    %(requests)s,
    %(points)s,
    %(budget_left)s,
    %(error)s,
    %(warnings)s
)
returning run_id;
