"""Bring a Metabase to the state that is wanted, as often as one likes.

What is there already is found by its name and compared: nothing doubles, and
what is equal is not touched. What people made themselves stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from github_warehouse.dashboards.client import MetabaseClient
from github_warehouse.dashboards.connect import (
    connect_warehouse,
    database_details,
    find_fields,
)
from github_warehouse.dashboards.contents import (
    MARK,
    Fields,
    card_payload,
    dashboard_payload,
    described,
    place_payload,
)
from github_warehouse.dashboards.definition import (
    Dashboard,
    load_dashboards,
)
from github_warehouse.dashboards.settings import MetabaseSettings
from github_warehouse.errors import DashboardError, MetabaseAwayError

_NAME = 'GitHub Warehouse'
_TRIES = 3


def publish(settings: MetabaseSettings, warehouse_url: str) -> Iterator[str]:
    """Set Metabase up, connect it to the warehouse, make the dashboards.

    Args:
        settings: which Metabase, and its administrator.
        warehouse_url: the warehouse as Metabase reaches it, as a role that
            only reads.

    Yields:
        What was done, a line each.

    Raises:
        DefinitionError: the definition of the dashboards is wrong.
        DashboardError: Metabase is away, does not let the administrator in,
            cannot reach the warehouse, or a card does not run.
    """
    dashboards = load_dashboards()
    details = database_details(warehouse_url)
    client = MetabaseClient(settings)
    for tries_left in range(_TRIES, 0, -1):
        if not client.is_ready():
            yield f'waiting for Metabase at {settings.url}'
            client.wait_until_ready()
        try:
            yield from _publish_once(client, settings, details, dashboards)
            return
        except MetabaseAwayError:
            # It was started again meanwhile: so do we, and nothing doubles.
            if tries_left == 1:
                raise


def _publish_once(
    client: MetabaseClient,
    settings: MetabaseSettings,
    details: dict[str, Any],
    dashboards: Sequence[Dashboard],
) -> Iterator[str]:
    is_new = client.log_in()
    yield f'{"set up" if is_new else "logged in to"} {settings.url}'
    database_id = connect_warehouse(client, details)
    fields = find_fields(
        client,
        database_id,
        {
            column
            for dashboard in dashboards
            for card in dashboard.cards
            for column in card.filters.values()
        },
    )
    yield 'connected to the warehouse'
    collection_id = _collection(client)
    cards = _publish_cards(
        client, dashboards, database_id, collection_id, fields
    )
    ids = [
        _publish_dashboard(client, dashboard, collection_id, cards)
        for dashboard in dashboards
    ]
    _open_on(client, ids[0])
    for title, card_id in cards.items():
        _check_card(client, title, card_id)
    for dashboard in dashboards:
        count = len(dashboard.cards)
        yield f'{dashboard.title}: {count} cards, all of them run'


def _collection(client: MetabaseClient) -> int:
    for collection in client.call('GET', '/api/collection'):
        if (
            collection['name'] == _NAME
            and not collection.get('archived')
            and collection.get('location') == '/'
        ):
            return int(collection['id'])
    return int(client.call('POST', '/api/collection', {'name': _NAME})['id'])


def _items(
    client: MetabaseClient, collection_id: int, model: str
) -> dict[str, int]:
    """Find what is ours, by its names; others may use the same ones."""
    path = f'/api/collection/{collection_id}/items?models={model}'
    return {
        item['name']: int(item['id'])
        for item in client.call('GET', path)['data']
        if (item.get('description') or '').endswith(MARK)
    }


def _publish_cards(
    client: MetabaseClient,
    dashboards: Sequence[Dashboard],
    database_id: int,
    collection_id: int,
    fields: Fields,
) -> dict[str, int]:
    """Make or update every card; return their numbers by title."""
    ids = _items(client, collection_id, 'card')
    cards = {}
    for card in (card for each in dashboards for card in each.cards):
        wanted = card_payload(card, database_id, collection_id, fields)
        card_id = ids.get(card.title)
        if card_id is None:
            card_id = int(client.call('POST', '/api/card', wanted)['id'])
        else:
            path = f'/api/card/{card_id}'
            now = client.call('GET', f'{path}?legacy-mbql=true')
            if not _agrees(wanted, now):
                client.call('PUT', path, wanted)
        cards[card.title] = card_id
    return cards


def _publish_dashboard(
    client: MetabaseClient,
    dashboard: Dashboard,
    collection_id: int,
    cards: Mapping[str, int],
) -> int:
    """Make or update a dashboard; what others put on it stays there."""
    dashboard_id = _items(client, collection_id, 'dashboard').get(
        dashboard.title
    )
    if dashboard_id is None:
        new = {
            'name': dashboard.title,
            'description': described(dashboard.sentence),
            'collection_id': collection_id,
        }
        dashboard_id = int(client.call('POST', '/api/dashboard', new)['id'])
    path = f'/api/dashboard/{dashboard_id}'
    now = client.call('GET', path)
    wanted = dashboard_payload(dashboard)
    ours = {each['id'] for each in wanted['parameters']}
    wanted['parameters'] += [
        each for each in now['parameters'] if each['id'] not in ours
    ]
    wanted['tabs'] = now.get('tabs') or []
    wanted['dashcards'] = _places(
        dashboard, cards, now['dashcards'], wanted['tabs']
    )
    if not _agrees(wanted, now):
        client.call('PUT', path, wanted)
    return dashboard_id


def _places(
    dashboard: Dashboard,
    cards: Mapping[str, int],
    existing: Sequence[dict[str, Any]],
    tabs: Sequence[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Place each of our cards once, and leave all else where it is."""
    numbers: dict[int, int] = {}
    for each in existing:
        if each['card_id'] in cards.values():
            numbers.setdefault(each['card_id'], each['id'])
    places = [
        {
            'id': each['id'],
            **{key: each[key] for key in ('row', 'col', 'size_x', 'size_y')},
            **({'dashboard_tab_id': each['dashboard_tab_id']} if tabs else {}),
        }
        for each in existing
        if each['id'] not in numbers.values()
    ]
    for number, card in enumerate(dashboard.cards, 1):
        place = place_payload(card, cards[card.title])
        place['id'] = numbers.get(place['card_id'], -number)
        if tabs:
            place['dashboard_tab_id'] = tabs[0]['id']
        places.append(place)
    return places


def _agrees(wanted: Any, now: Any) -> bool:
    """Tell whether all that is wanted is so; there may be more."""
    if isinstance(wanted, dict):
        return isinstance(now, dict) and all(
            _agrees(value, now.get(key)) for key, value in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(now, list):
        if wanted and isinstance(wanted[0], dict) and 'id' in wanted[0]:
            wanted = sorted(wanted, key=lambda each: str(each['id']))
            now = sorted(now, key=lambda each: str(each['id']))
        return len(wanted) == len(now) and all(map(_agrees, wanted, now))
    return bool(wanted == now)


def _open_on(client: MetabaseClient, dashboard_id: int) -> None:
    """Open Metabase on a dashboard, unless somebody chose otherwise.

    The dashboard is set first: that it is set tells that this was done.
    """
    chosen = client.call('GET', '/api/setting/custom-homepage-dashboard')
    if chosen is not None and _is_there(client, int(chosen)):
        return
    for name, value in (
        ('custom-homepage-dashboard', dashboard_id),
        ('custom-homepage', True),
    ):
        client.call('PUT', f'/api/setting/{name}', {'value': value})


def _is_there(client: MetabaseClient, dashboard_id: int) -> bool:
    found = client.call('GET', '/api/dashboard')
    return any(
        each['id'] == dashboard_id and not each.get('archived')
        for each in found
    )


def _check_card(client: MetabaseClient, title: str, card_id: int) -> None:
    """Run a card: saving it checks nothing."""
    answer = client.ask(f'/api/card/{card_id}/query')
    if answer.get('status') != 'completed':
        raise DashboardError(
            f'card {title!r} does not run: {answer.get("error")}'
        )
