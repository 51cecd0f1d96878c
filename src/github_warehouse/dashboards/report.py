"""The HTML report: the dashboards in one file that needs no server."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

from github_warehouse.dashboards.cards import Card, Dashboard
from github_warehouse.dashboards.definition import load_dashboards
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
    """Return the report as HTML that loads nothing from the network.

    Raises:
        SettingsError: a required package is not installed.
        UsageError: the warehouse is empty.
        DefinitionError: dashboards.toml is wrong.
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
            json=_script_safe_json(data),
            style=(_PAGE / 'page.css').read_text('utf-8'),
            scripts=scripts,
            hashes=[_hash(script) for script in scripts],
            made_at=f'{utc_now():%Y-%m-%d %H:%M} UTC',
        )
    )


def read_report(
    connection: Connection, dashboards: Sequence[Dashboard]
) -> dict[str, Any]:
    """Run the queries of all cards on one snapshot of the database.

    Returns:
        The data that the page embeds as JSON.

    Raises:
        UsageError: the warehouse is empty.
    """
    with transaction(connection) as cursor:
        cursor.execute('set transaction isolation level repeatable read')
        return _read_scope(cursor) | {
            'page_days': PAGE_DAYS,
            'dashboards': [
                {
                    'key': dashboard.key,
                    'title': dashboard.title,
                    'sentence': dashboard.sentence,
                    'filters': dashboard.filters,
                    'cards': [
                        _run_card(cursor, card) for card in dashboard.cards
                    ],
                }
                for dashboard in dashboards
            ],
        }


def _read_scope(cursor: Cursor) -> dict[str, Any]:
    """Return which days, companies and run the report is about."""
    cursor.execute(
        'select min(snapshot_date), max(snapshot_date),'
        ' (select count(*) from company_total_stars as latest'
        '  where latest.snapshot_date = max(every.snapshot_date))'
        ' from company_total_stars as every'
    )
    first_day, last_day, companies = cursor.fetchone() or (None, None, 0)
    if last_day is None:
        raise UsageError(
            'the warehouse has no snapshots: run `github-warehouse ingest`'
        )
    cursor.execute(
        'select run_id, started_at from pipeline_health'
        " where status <> 'failed' order by run_id desc limit 1"
    )
    run, run_at = cursor.fetchone() or (0, last_day)
    page_start = last_day - timedelta(days=PAGE_DAYS - 1)
    return {
        'first_day': max(first_day, page_start).isoformat(),
        'last_day': last_day.isoformat(),
        'companies': companies,
        'run': run,
        'run_at': _plain(run_at),
    }


def _run_card(cursor: Cursor, card: Card) -> dict[str, Any]:
    """Return the data of a card, with the rows of its query."""
    cursor.execute(page_sql(card))
    data = asdict(card)
    del data['sql'], data['order']
    return data | {
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


def _script_safe_json(data: dict[str, Any]) -> str:
    """Return JSON that cannot end the script element that contains it.

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
    """Return the hash of a script for a content security policy."""
    digest = hashlib.sha256(script.encode('utf-8')).digest()
    return f'sha256-{base64.b64encode(digest).decode()}'


def _template() -> Any:
    try:
        import jinja2
        import plotly  # noqa: F401
    except ModuleNotFoundError as error:
        raise SettingsError(
            f'the report needs {error.name}, which is not installed: '
            "pip install 'github-warehouse[html]'"
        ) from error
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(
        (_PAGE / 'page.html').read_text(encoding='utf-8')
    )
