-- a repository that is removed later on the same day has no snapshot of that
-- day
delete from language_snapshots
using repos
where
    language_snapshots.repo_id = repos.id
    and language_snapshots.snapshot_date = %(day)s
    and repos.removed_on = %(day)s;

delete from repo_snapshots
using repos
where
    repo_snapshots.repo_id = repos.id
    and repo_snapshots.snapshot_date = %(day)s
    and repos.removed_on = %(day)s;
