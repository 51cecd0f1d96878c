"""Create or update our cards and dashboards in a Metabase collection.

Ours are found by their name and the mark in their description. Anything that
people created themselves stays unchanged.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from github_warehouse.dashboards.cards import Dashboard
from github_warehouse.dashboards.client import MetabaseClient
from github_warehouse.dashboards.contents import (
    MARKS,
    Fields,
    card_payload,
    dashboard_payload,
    place_payload,
)


def upsert_cards(
    client: MetabaseClient,
    dashboards: Sequence[Dashboard],
    schema: str,
    database_id: int,
    collection_id: int,
    fields: Fields,
) -> dict[str, int]:
    """Create or update every card; return their IDs by title."""
    ids = _find_ours(client, collection_id, 'card')
    cards = {}
    for card in (card for each in dashboards for card in each.cards):
        payload = card_payload(
            card, schema, database_id, collection_id, fields
        )
        card_id = ids.get(card.title)
        if card_id is None:
            card_id = int(client.call('POST', '/api/card', payload)['id'])
        else:
            path = f'/api/card/{card_id}'
            current = client.call('GET', f'{path}?legacy-mbql=true')
            if not _matches(payload, current):
                client.call('PUT', path, payload)
        cards[card.title] = card_id
    return cards


def upsert_dashboard(
    client: MetabaseClient,
    dashboard: Dashboard,
    collection_id: int,
    cards: Mapping[str, int],
) -> int:
    """Create or update a dashboard and return its ID.

    Cards, filters and tabs that people added to it stay.
    """
    payload = dashboard_payload(dashboard)
    dashboard_id = _find_ours(client, collection_id, 'dashboard').get(
        dashboard.title
    )
    if dashboard_id is None:
        new = {
            'name': payload['name'],
            'description': payload['description'],
            'collection_id': collection_id,
        }
        dashboard_id = int(client.call('POST', '/api/dashboard', new)['id'])
    path = f'/api/dashboard/{dashboard_id}'
    current = client.call('GET', path)
    ours = {each['id'] for each in payload['parameters']}
    payload['parameters'] += [
        each for each in current['parameters'] if each['id'] not in ours
    ]
    payload['tabs'] = current.get('tabs') or []
    payload['dashcards'] = _places(
        dashboard, cards, current['dashcards'], payload['tabs']
    )
    if not _matches(payload, current):
        client.call('PUT', path, payload)
    return dashboard_id


def _find_ours(
    client: MetabaseClient, collection_id: int, model: str
) -> dict[str, int]:
    """Return the IDs of our items by name.

    Others may use the same names; the mark in the description
    distinguishes ours.
    """
    path = f'/api/collection/{collection_id}/items?models={model}'
    return {
        item['name']: int(item['id'])
        for item in client.call('GET', path)['data']
        if (item.get('description') or '').endswith(MARKS)
    }


def _places(
    dashboard: Dashboard,
    cards: Mapping[str, int],
    existing: Sequence[dict[str, Any]],
    tabs: Sequence[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Place each of our cards once, and leave all others where they are."""
    place_ids: dict[int, int] = {}
    for each in existing:
        if each['card_id'] in cards.values():
            place_ids.setdefault(each['card_id'], each['id'])
    places = [
        {
            'id': each['id'],
            **{key: each[key] for key in ('row', 'col', 'size_x', 'size_y')},
            **({'dashboard_tab_id': each['dashboard_tab_id']} if tabs else {}),
        }
        for each in existing
        if each['id'] not in place_ids.values()
    ]
    for number, card in enumerate(dashboard.cards, 1):
        place = place_payload(card, cards[card.title])
        # Metabase creates a place whose ID is negative
        place['id'] = place_ids.get(place['card_id'], -number)
        if tabs:
            place['dashboard_tab_id'] = tabs[0]['id']
        places.append(place)
    return places


def _matches(payload: Any, current: Any) -> bool:
    """Return whether every value of the payload is current already."""
    if isinstance(payload, dict):
        return isinstance(current, dict) and all(
            _matches(value, current.get(key)) for key, value in payload.items()
        )
    if isinstance(payload, list) and isinstance(current, list):
        if payload and isinstance(payload[0], dict) and 'id' in payload[0]:
            payload = sorted(payload, key=lambda each: str(each['id']))
            current = sorted(current, key=lambda each: str(each['id']))
        return len(payload) == len(current) and all(
            map(_matches, payload, current)
        )
    return bool(payload == current)
