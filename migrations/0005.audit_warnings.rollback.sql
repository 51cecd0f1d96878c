-- loses the warnings of the run log
alter table pipeline_runs drop column warnings;
