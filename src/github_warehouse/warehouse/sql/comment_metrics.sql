-- comment on the columns of metrics, as declared
comment on column repo_snapshots.{metric} is {comment};
comment on column company_daily.{total} is {comment};
