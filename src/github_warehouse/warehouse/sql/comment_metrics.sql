-- what the columns of metrics mean, as their declaration says
comment on column repo_snapshots.{metric} is {comment};
comment on column company_daily.{total} is {comment};
