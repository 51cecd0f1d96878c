-- Delete the days that a run wrote while its clock was ahead. Correct the clock
-- first: a day is in the future when it is after PostgreSQL's own day. Days that
-- retention dropped in that run are only in a backup. See docs/runbook.md, "The
-- clock was ahead".
begin;

do $$
declare
    today constant date = (now() at time zone 'UTC')::date;
    partition record;
begin
    for partition in
        select pg_inherits.inhrelid::regclass as partition_name
        from pg_inherits
        inner join pg_class
            on pg_class.oid = pg_inherits.inhrelid
        where
            pg_inherits.inhparent in (
                'repo_snapshots'::regclass,
                'language_snapshots'::regclass
            )
            and to_date(right(pg_class.relname, 8), 'YYYYMMDD') > today
    loop
        execute format('drop table %s', partition.partition_name);
    end loop;

    delete from company_daily where snapshot_date > today;
    delete from company_language_daily where snapshot_date > today;

    -- repositories removed in the future, with a snapshot on the latest day that
    -- is left: they were removed the day after it
    update repos
    set removed_on = last_day.snapshot_date + 1
    from repo_snapshots as last_day
    where
        last_day.repo_id = repos.id
        and last_day.snapshot_date = (
            select max(latest.snapshot_date) from repo_snapshots as latest
        )
        and repos.removed_on > today;

    -- repositories without a snapshot on the latest day that is left: their
    -- tracking period is closed until the next run observes them
    update repos
    set
        tracked_from = least(repos.tracked_from, last_day.snapshot_date),
        removed_on = last_day.snapshot_date
    from (
        select coalesce(max(latest.snapshot_date), today) as snapshot_date
        from repo_snapshots as latest
    ) as last_day
    where
        (repos.removed_on is null or repos.removed_on > today)
        and not exists (
            select
            from repo_snapshots
            where
                repo_snapshots.repo_id = repos.id
                and repo_snapshots.snapshot_date = last_day.snapshot_date
        );

    -- languages and companies that were read in the future are read again
    update repos
    set
        languages_observed_at = null,
        languages_pushed_at = null,
        languages_empty_since = null
    where languages_observed_at > now() or languages_empty_since > today;

    update ingestion_state
    set
        last_run = null,
        last_sweep = null
    where last_run > now() or last_sweep > now();

    delete from warehouse_properties
    where property_name = 'complete_from' and property_value > today::text;
end
$$;

commit;
