-- loses every snapshot
drop table language_snapshots;
drop table repo_snapshots;
