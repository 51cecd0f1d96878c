-- a later run on the same day: a set that was read replaces the stored set
with left_behind as (
    delete from language_snapshots
    using language_readings
    where
        language_snapshots.repo_id = language_readings.repo_id
        and language_snapshots.snapshot_date = %(day)s
        and not language_readings.is_unconfirmed
        and not exists (
            select
            from read_languages
            inner join languages
                on languages.language_name = read_languages.language_name
            where
                read_languages.reading = language_readings.reading
                and languages.language_id = language_snapshots.language_id
        )
    returning language_snapshots.repo_id
),

written as (
    insert into language_snapshots (
        repo_id,
        snapshot_date,
        language_id,
        bytes
    )
    select
        language_readings.repo_id,
        %(day)s as snapshot_date,
        languages.language_id,
        read_languages.bytes
    from language_readings
    inner join repo_snapshots
        on
            repo_snapshots.repo_id = language_readings.repo_id
            and repo_snapshots.snapshot_date = %(day)s
    inner join read_languages
        on read_languages.reading = language_readings.reading
    inner join languages
        on languages.language_name = read_languages.language_name
    on conflict (repo_id, snapshot_date, language_id) do update
    set bytes = excluded.bytes
    where language_snapshots.bytes is distinct from excluded.bytes
    returning language_snapshots.repo_id
)

select count(*) from written;
