"""The page: the same dashboards in one HTML file that needs no server."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

from github_warehouse.dashboards.definition import (
    Card,
    Dashboard,
    load_dashboards,
)
from github_warehouse.dashboards.queries import PAGE_DAYS, page_sql
from github_warehouse.errors import SettingsError, UsageError
from github_warehouse.model import utc_now
from github_warehouse.warehouse.connection import (
    Connection,
    Cursor,
    transaction,
)

_PAGE = files('github_warehouse') / 'dashboards' / 'page'


def render_report(connection: Connection) -> str:
    """Return the page as HTML; it loads nothing from anywhere.

    Raises:
        SettingsError: what it is made with is not installed.
        UsageError: nothing has been recorded yet.
        DefinitionError: the definition of the dashboards is wrong.
    """
    template = _template()
    scripts = [
        (files('plotly') / 'package_data' / 'plotly.min.js').read_text(
            'utf-8'
        ),
        (_PAGE / 'page.js').read_text('utf-8'),
    ]
    data = read_report(connection, load_dashboards())
    return str(
        template.render(
            data=data,
            dashboards=data['dashboards'],
            json=_embedded(data),
            style=(_PAGE / 'page.css').read_text('utf-8'),
            scripts=scripts,
            hashes=[_hash(script) for script in scripts],
            made_at=f'{utc_now():%Y-%m-%d %H:%M} UTC',
        )
    )


def read_report(
    connection: Connection, dashboards: Sequence[Dashboard]
) -> dict[str, Any]:
    """Ask every card, all of them of the same state of the warehouse."""
    with transaction(connection) as cursor:
        cursor.execute('set transaction isolation level repeatable read')
        cursor.execute(
            'select min(snapshot_date), max(snapshot_date),'
            ' (select count(*) from company_total_stars as latest'
            '  where latest.snapshot_date = max(every.snapshot_date))'
            ' from company_total_stars as every'
        )
        first_day, last_day, companies = cursor.fetchone() or (None, None, 0)
        cursor.execute(
            'select run_id, started_at from pipeline_health'
            " where status <> 'failed' order by run_id desc limit 1"
        )
        run, run_at = cursor.fetchone() or (0, last_day)
        if last_day is None:
            raise UsageError(
                'the warehouse holds no snapshot yet: ingest first'
            )
        return {
            'first_day': max(
                first_day, last_day - timedelta(days=PAGE_DAYS - 1)
            ).isoformat(),
            'last_day': last_day.isoformat(),
            'companies': companies,
            'run': run,
            'run_at': _plain(run_at),
            'page_days': PAGE_DAYS,
            'dashboards': [
                {
                    'key': dashboard.key,
                    'title': dashboard.title,
                    'sentence': dashboard.sentence,
                    'filters': dashboard.filters,
                    'cards': [
                        _answered(cursor, card) for card in dashboard.cards
                    ],
                }
                for dashboard in dashboards
            ],
        }


def _answered(cursor: Cursor, card: Card) -> dict[str, Any]:
    """Return what the page needs of a card, with its rows."""
    cursor.execute(page_sql(card))
    shown = asdict(card)
    del shown['sql'], shown['order']
    return shown | {
        'columns': [column.name for column in cursor.description or ()],
        'rows': [[_plain(v) for v in row] for row in cursor.fetchall()],
    }


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return f'{value:%Y-%m-%d %H:%M}'
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value


def _embedded(data: dict[str, Any]) -> str:
    """Return JSON that cannot end the script element it stands in.

    https://html.spec.whatwg.org/multipage/scripting.html, "Restrictions for
    contents of script elements"
    """
    text = json.dumps(data, separators=(',', ':'), ensure_ascii=True)
    return (
        text.replace('<', '\\u003c')
        .replace('>', '\\u003e')
        .replace('&', '\\u0026')
    )


def _hash(script: str) -> str:
    """Return how a content security policy names a script."""
    digest = hashlib.sha256(script.encode('utf-8')).digest()
    return f'sha256-{base64.b64encode(digest).decode()}'


def _template() -> Any:
    try:
        import jinja2
        import plotly  # noqa: F401
    except ModuleNotFoundError as error:
        raise SettingsError(
            f'{error.name} is missing, which the page is made with; install '
            "it with: pip install 'github-warehouse[html]'"
        ) from error
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(
        (_PAGE / 'page.html').read_text(encoding='utf-8')
    )
