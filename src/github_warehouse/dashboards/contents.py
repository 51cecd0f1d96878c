"""Cards and dashboards as payloads for Metabase's API."""

import uuid
from collections.abc import Mapping
from typing import Any

from github_warehouse.dashboards.cards import Card, Dashboard
from github_warehouse.dashboards.queries import metabase_sql

# Metabase's field IDs by `view.column`
Fields = Mapping[str, int]

_DISPLAYS = {'number': 'scalar'}
_PARAMETERS = {
    'company': {'name': 'Company', 'type': 'string/='},
    'dates': {
        'name': 'Dates',
        'type': 'date/all-options',
        'default': 'past90days~',
    },
}
# An arbitrary namespace that must never change.
_NAMESPACE = uuid.UUID('6f1c0f4e-5a55-4d0b-9c3e-3f0d2a1b7c11')

_MARK = 'Managed by GitHub Warehouse: changes made here are overwritten.'
# Earlier versions used the second one.
MARKS = (
    _MARK,
    'Kept by GitHub Warehouse: what is changed here is set back.',
)


def marked(sentence: str) -> str:
    """Return a description that marks a card or dashboard as ours."""
    return f'{sentence} {_MARK}'


def card_payload(
    card: Card,
    schema: str,
    database_id: int,
    collection_id: int,
    fields: Fields,
) -> dict[str, Any]:
    """Return the payload of a card.

    The query is in the older of the two formats, which every version accepts.
    """
    native: dict[str, Any] = {'query': metabase_sql(card, schema)}
    if card.filters:
        native['template-tags'] = {
            name: _tag(card, name, fields[column])
            for name, column in card.filters.items()
        }
    return {
        'name': card.title,
        'description': marked(card.sentence),
        'display': _DISPLAYS.get(card.chart, card.chart),
        'collection_id': collection_id,
        'dataset_query': {
            'type': 'native',
            'database': database_id,
            'native': native,
        },
        'visualization_settings': _settings(card),
    }


def dashboard_payload(dashboard: Dashboard) -> dict[str, Any]:
    """Return the payload of a dashboard, without its cards."""
    return {
        'name': dashboard.title,
        'description': marked(dashboard.sentence),
        'width': 'full',
        'parameters': [
            {'id': name, 'slug': name, **_PARAMETERS[name]}
            for name in dashboard.filters
        ],
    }


def place_payload(card: Card, card_id: int) -> dict[str, Any]:
    """Return the place of a card on its dashboard, with its filters."""
    return {
        'card_id': card_id,
        'row': card.place.row,
        'col': card.place.column,
        'size_x': card.place.width,
        'size_y': card.place.height,
        'series': [],
        'visualization_settings': {},
        'parameter_mappings': [
            {
                'parameter_id': name,
                'card_id': card_id,
                'target': ['dimension', ['template-tag', name]],
            }
            for name in card.filters
        ],
    }


def _tag(card: Card, name: str, field_id: int) -> dict[str, Any]:
    parameter = _PARAMETERS[name]
    return {
        'id': str(uuid.uuid5(_NAMESPACE, f'{card.title}/{name}')),
        'name': name,
        'display-name': parameter['name'],
        'type': 'dimension',
        'dimension': ['field', field_id, None],
        'widget-type': parameter['type'],
    }


def _settings(card: Card) -> dict[str, Any]:
    if card.chart == 'table':
        return {}
    if card.chart == 'number':
        return {'scalar.field': card.y[0]}
    settings: dict[str, Any] = {
        'graph.dimensions': [n for n in (card.x, card.series) if n],
        'graph.metrics': list(card.y),
        'graph.x_axis.title_text': card.x_title,
        'graph.y_axis.title_text': card.y_title,
        'series_settings': {
            name: {'title': name.replace('_', ' ')} for name in card.y
        },
    }
    if card.chart in ('area', 'bar'):
        settings['stackable.stack_type'] = 'stacked'
    if card.chart != 'row':
        is_day = card.x == 'snapshot_date'
        settings['graph.x_axis.scale'] = 'timeseries' if is_day else 'ordinal'
    return settings
