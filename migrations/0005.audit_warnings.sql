-- depends: 0004.pipeline_runs
-- what the audits of a run found suspicious, though not wrong

alter table pipeline_runs add column warnings text;

comment on column pipeline_runs.warnings is
    'What its audits found suspicious, in one line; null when nothing.';
