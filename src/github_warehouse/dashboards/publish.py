"""Publish the dashboards to Metabase; publishing again changes nothing."""

from collections.abc import Iterator, Sequence
from typing import Any

from github_warehouse.dashboards.cards import Dashboard
from github_warehouse.dashboards.client import MetabaseClient
from github_warehouse.dashboards.connect import (
    connect_warehouse,
    database_details,
    find_fields,
)
from github_warehouse.dashboards.definition import load_dashboards
from github_warehouse.dashboards.settings import MetabaseSettings
from github_warehouse.dashboards.upsert import upsert_cards, upsert_dashboard
from github_warehouse.errors import DashboardError, MetabaseAwayError
from github_warehouse.printable import counted

_COLLECTION = 'GitHub Warehouse'
_TRIES = 3


def publish(
    settings: MetabaseSettings, warehouse_url: str, schema: str
) -> Iterator[str]:
    """Set up Metabase, connect it to the warehouse and publish dashboards.

    Args:
        settings: Metabase's address and its administrator.
        warehouse_url: URL of the warehouse as seen from Metabase, with a
            read-only role.
        schema: schema of the warehouse.

    Yields:
        One line per completed step.

    Raises:
        DefinitionError: dashboards.toml is wrong.
        DashboardError: Metabase cannot be reached, rejects the administrator
            or cannot connect to the warehouse; or the query of a card fails.
    """
    dashboards = load_dashboards()
    details = database_details(warehouse_url, schema)
    client = MetabaseClient(settings)
    for tries_left in range(_TRIES, 0, -1):
        if not client.is_ready():
            yield f'waiting for Metabase at {settings.url}'
            client.wait_until_ready()
        try:
            yield from _publish_once(
                client, settings, details, schema, dashboards
            )
            return
        except MetabaseAwayError:
            # Metabase was restarted: repeat, which duplicates nothing
            if tries_left == 1:
                raise


def _publish_once(
    client: MetabaseClient,
    settings: MetabaseSettings,
    details: dict[str, Any],
    schema: str,
    dashboards: Sequence[Dashboard],
) -> Iterator[str]:
    is_new = client.log_in()
    yield f'{"set up" if is_new else "logged in to"} {settings.url}'
    database_id = connect_warehouse(client, details)
    needed = {
        column
        for dashboard in dashboards
        for card in dashboard.cards
        for column in card.filters.values()
    }
    fields = find_fields(client, database_id, schema, needed)
    yield 'connected to the warehouse'
    collection_id = _find_collection(client)
    cards = upsert_cards(
        client, dashboards, schema, database_id, collection_id, fields
    )
    ids = [
        upsert_dashboard(client, dashboard, collection_id, cards)
        for dashboard in dashboards
    ]
    _set_homepage(client, ids[0])
    for title, card_id in cards.items():
        _check_runs(client, title, card_id)
    for dashboard in dashboards:
        cards_published = counted(len(dashboard.cards), 'card', 'cards')
        yield f'{dashboard.title}: {cards_published} published and checked'


def _find_collection(client: MetabaseClient) -> int:
    """Return the ID of our collection; create it if it does not exist."""
    for collection in client.call('GET', '/api/collection'):
        if (
            collection['name'] == _COLLECTION
            and not collection.get('archived')
            and collection.get('location') == '/'
        ):
            return int(collection['id'])
    created = client.call('POST', '/api/collection', {'name': _COLLECTION})
    return int(created['id'])


def _set_homepage(client: MetabaseClient, dashboard_id: int) -> None:
    """Make a dashboard the home page, unless people chose another one.

    The dashboard is set first, because a set dashboard means that this was
    done before.
    """
    chosen = client.call('GET', '/api/setting/custom-homepage-dashboard')
    if chosen is not None and _dashboard_exists(client, int(chosen)):
        return
    for name, value in (
        ('custom-homepage-dashboard', dashboard_id),
        ('custom-homepage', True),
    ):
        client.call('PUT', f'/api/setting/{name}', {'value': value})


def _dashboard_exists(client: MetabaseClient, dashboard_id: int) -> bool:
    return any(
        each['id'] == dashboard_id and not each.get('archived')
        for each in client.call('GET', '/api/dashboard')
    )


def _check_runs(client: MetabaseClient, title: str, card_id: int) -> None:
    """Run the query of a card, because saving a card checks nothing.

    Raises:
        DashboardError: the query failed.
    """
    result = client.run_card(card_id)
    if result.get('status') != 'completed':
        raise DashboardError(f'card {title!r} failed: {result.get("error")}')
