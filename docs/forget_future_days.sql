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
            and substring(
                pg_get_expr(pg_class.relpartbound, pg_class.oid)
                from 'FROM \(''([0-9-]+)''\)'
            )::date > today
    loop
        execute format('drop table %s', partition.partition_name);
    end loop;

    delete from company_daily where snapshot_date > today;
    delete from company_language_daily where snapshot_date > today;

    -- tracking periods end with the last day that is left; those of
    -- repositories that have a snapshot of it, and are still there, go on
    update repos
    set
        tracked_from = least(repos.tracked_from, ends.last_day),
        removed_on = case
            when not ends.has_snapshot then ends.last_day
            when repos.removed_on > today then ends.last_day + 1
        end
    from (
        select
            repos.id,
            latest.last_day,
            exists (
                select
                from repo_snapshots
                where
                    repo_snapshots.repo_id = repos.id
                    and repo_snapshots.snapshot_date = latest.last_day
            ) as has_snapshot
        from repos
        cross join (
            select
                coalesce(max(repo_snapshots.snapshot_date), today) as last_day
            from repo_snapshots
        ) as latest
        where repos.removed_on is null or repos.removed_on > today
    ) as ends
    where
        repos.id = ends.id
        and (
            repos.tracked_from > today
            or repos.removed_on > today
            or not ends.has_snapshot
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
