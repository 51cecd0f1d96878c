"""The rows of a warehouse, for comparison with another warehouse."""

from contextlib import closing

from github_warehouse.metrics import METRICS
from support import open_database

_TABLES = {
    'companies': 'select * from companies order by company_id',
    'repos': 'select * from repos order by id',
    'repo_snapshots': (
        'select * from repo_snapshots order by repo_id, snapshot_date'
    ),
    'language_snapshots': (
        'select repo_id, snapshot_date, language_name, bytes'
        ' from language_snapshots inner join languages using (language_id)'
        ' order by repo_id, snapshot_date, language_name'
    ),
    'company_daily': (
        'select * from company_daily order by company_id, snapshot_date'
    ),
    'company_language_daily': (
        'select company_id, snapshot_date, language_name, repos, bytes'
        ' from company_language_daily'
        ' inner join languages using (language_id)'
        ' order by company_id, snapshot_date, language_name'
    ),
    'ingestion_state': (
        'select source, company_id, last_run, last_sweep'
        ' from ingestion_state order by source'
    ),
}


# metrics that only one of the two APIs returns
_SINGLE_SOURCE_METRICS = {
    m.name for m in METRICS if not (m.rest and m.graphql)
}


def tables(
    url: str, common_metrics_only: bool = False
) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table except the run log, in a fixed order.

    Args:
        url: URL of the warehouse.
        common_metrics_only: leave out metrics that REST or GraphQL lacks.
    """
    left_out = _SINGLE_SOURCE_METRICS if common_metrics_only else set()
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            stored = {}
            for table, statement in _TABLES.items():
                cursor.execute(statement)
                positions = [
                    position
                    for position, column in enumerate(cursor.description or ())
                    if column.name not in left_out
                ]
                stored[table] = [
                    tuple(row[position] for position in positions)
                    for row in cursor
                ]
            return stored
