"""Time to query every view, and every card as Metabase queries it."""

import re
import time

from github_warehouse.dashboards.definition import load_dashboards
from github_warehouse.dashboards.queries import metabase_sql
from github_warehouse.warehouse.connection import Connection
from github_warehouse.warehouse.statements import VIEWS

_OPTIONAL = re.compile(r'\[\[.*?\]\]')


def measure_views(
    connection: Connection, samples: int
) -> dict[str, list[float]]:
    """Read every row of every view; return seconds per sample, by view."""
    return {
        path.stem: _seconds(connection, f'select * from {path.stem}', samples)
        for path in sorted(VIEWS.glob('*.sql'))
    }


def measure_cards(
    connection: Connection, samples: int
) -> dict[str, list[float]]:
    """Query every card for all companies; return seconds per sample."""
    return {
        f'{dashboard.title}: {card.title}': _seconds(
            connection,
            _OPTIONAL.sub('', metabase_sql(card, connection.schema)),
            samples,
        )
        for dashboard in load_dashboards()
        for card in dashboard.cards
    }


def _seconds(
    connection: Connection, statement: str, samples: int
) -> list[float]:
    """Run the query several times, after one warm-up."""
    seconds = []
    with connection, connection.cursor() as cursor:
        for _ in range(samples + 1):
            began = time.perf_counter()
            # computes every row and column, but sends none
            cursor.execute(f'explain (analyze, timing off) {statement}')
            cursor.fetchall()
            seconds.append(time.perf_counter() - began)
    return seconds[1:]
