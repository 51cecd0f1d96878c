-- the languages of one day, in a new partition: a set that was read replaces
-- the last set, and all other sets are carried forward
insert into {partition} (repo_id, snapshot_date, language_id, bytes)
select
    language_readings.repo_id,
    %(day)s as snapshot_date,
    languages.language_id,
    read_languages.bytes
from language_readings
inner join {snapshots} as snapshots
    on snapshots.repo_id = language_readings.repo_id
inner join read_languages
    on read_languages.reading = language_readings.reading
inner join languages
    on languages.language_name = read_languages.language_name
where %(day)s = %(today)s
union all
select
    language_snapshots.repo_id,
    %(day)s as snapshot_date,
    language_snapshots.language_id,
    language_snapshots.bytes
from language_snapshots
inner join {snapshots} as snapshots
    on snapshots.repo_id = language_snapshots.repo_id
where
    language_snapshots.snapshot_date = %(base_day)s
    and not exists (
        select
        from language_readings
        where
            language_readings.repo_id = language_snapshots.repo_id
            and not language_readings.is_unconfirmed
            and %(day)s = %(today)s
    );
