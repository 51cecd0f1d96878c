-- loses the run log
drop table pipeline_run_companies;
drop table pipeline_runs;
