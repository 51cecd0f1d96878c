"""Occasional operations: a rerun, a gap; and disk usage."""

from datetime import timedelta

from benchmarks.day import observe, write_day
from benchmarks.meter import Cost
from benchmarks.synthetic import Scale

from github_warehouse.warehouse.connection import Connection

GAP_DAYS = 7
_SIZES = """
select
    sum(pg_total_relation_size(inhrelid)) filter (
        where inhparent in (
            'repo_snapshots'::regclass, 'language_snapshots'::regclass
        )
    ) as facts,
    (
        select
            sum(pg_total_relation_size(relid))
        from pg_stat_user_tables
        where relname in ('company_daily', 'company_language_daily')
    ) as rollups
from pg_inherits
"""


def disk_bytes(connection: Connection) -> tuple[int, int]:
    """Return the bytes of facts and of rollups, including their indexes."""
    with connection, connection.cursor() as cursor:
        cursor.execute(_SIZES)
        facts, rollups = cursor.fetchone() or (0, 0)
        return int(facts), int(rollups)


def measure_rerun(connection: Connection, scale: Scale) -> Cost:
    """Write the last day again, without changes."""
    number = scale.samples
    observed = observe(connection, scale, number)
    day = scale.last_day + timedelta(days=number)
    cost, written = write_day(connection, scale, observed, day)
    assert (written.language_rows, written.snapshots_carried) == (0, 0)
    return cost


def measure_gap(connection: Connection, scale: Scale) -> Cost:
    """Write a day after a gap of seven days without a run."""
    number = scale.samples + GAP_DAYS + 1
    observed = observe(connection, scale, number)
    day = scale.last_day + timedelta(days=number)
    cost, written = write_day(connection, scale, observed, day)
    assert written.snapshots_carried > scale.repositories
    return cost
