"""Load the dashboards from dashboards.toml and check them.

The comment at the top of the file explains each key. Metabase and the HTML
report display the same cards.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from github_warehouse.dashboards.card_checks import (
    check_card,
    check_overlaps,
)
from github_warehouse.dashboards.cards import (
    FILTERS,
    Card,
    Dashboard,
    Place,
)
from github_warehouse.errors import DefinitionError

DEFINITION = Path(__file__).parent / 'dashboards.toml'

_KINDS = {
    bool: 'true or false',
    dict: 'a table',
    int: 'a whole number',
    list: 'a list that is not empty',
    str: 'text that is not empty',
}


class _Table:
    """A TOML table that tracks which of its keys have been read.

    Attributes:
        where: file, dashboard and card, for messages.
        unread: values by key, without those that were read.
    """

    def __init__(self, where: str, content: object) -> None:
        self.where = where
        if not isinstance(content, dict):
            raise DefinitionError(f'{where} is not a table')
        self.unread: dict[str, Any] = dict(content)

    def error(self, reason: str) -> DefinitionError:
        """Return an error that says where the problem is."""
        return DefinitionError(f'{self.where}: {reason}')

    def read(self, key: str, kind: type, default: Any = None) -> Any:
        """Return the value of a key, which is required without a default."""
        if key not in self.unread:
            if default is None:
                raise self.error(f'{key} is missing')
            return default
        value = self.unread.pop(key)
        if (
            type(value) is not kind
            or value == []
            or (isinstance(value, str) and not value.strip())
        ):
            raise self.error(f'{key} must be {_KINDS[kind]}, not {value!r}')
        return value

    def check_all_read(self) -> None:
        """Check that no unknown keys are left."""
        if self.unread:
            raise self.error(f'unknown key: {", ".join(self.unread)}')


def load_dashboards(path: Path = DEFINITION) -> tuple[Dashboard, ...]:
    """Load the dashboards.

    Raises:
        DefinitionError: the file is wrong; names the file, the card and the
            key.
    """
    try:
        content = tomllib.loads(path.read_text('utf-8'))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f'{path.name}: {error}') from error
    root = _Table(path.name, content)
    dashboards = tuple(
        _dashboard(_Table(f'{path.name}: dashboard {number}', each))
        for number, each in enumerate(root.read('dashboard', list), 1)
    )
    root.check_all_read()
    for names in (
        [card.title for each in dashboards for card in each.cards],
        [each.key for each in dashboards],
        [each.title for each in dashboards],
    ):
        for name in {name for name in names if names.count(name) > 1}:
            raise root.error(f'{name!r} is used twice')
    return dashboards


def _dashboard(table: _Table) -> Dashboard:
    key = table.read('key', str)
    if not re.fullmatch('[a-z]+(?:-[a-z]+)*', key):
        raise table.error(f'key is {key!r}: use lowercase letters and hyphens')
    file = table.where.partition(':')[0]
    dashboard = Dashboard(
        key=key,
        title=table.read('title', str),
        sentence=table.read('sentence', str),
        cards=tuple(
            _card(_Table(f'{file}: {key}: card {number}', each))
            for number, each in enumerate(table.read('card', list), 1)
        ),
    )
    table.check_all_read()
    check_overlaps(dashboard.cards, table.where)
    return dashboard


def _card(table: _Table) -> Card:
    title = table.read('title', str)
    table.where = f'{table.where} {title!r}'
    card = Card(
        title=title,
        sentence=table.read('sentence', str),
        chart=table.read('chart', str),
        sql=table.read('sql', str).strip(),
        filters={
            name: table.read(name, str)
            for name in FILTERS
            if name in table.unread
        },
        x=table.read('x', str, ''),
        y=tuple(table.read('y', list, [])),
        series=table.read('series', str, ''),
        x_title=table.read('x_title', str, ''),
        y_title=table.read('y_title', str, ''),
        is_total=table.read('total', bool, False),
        order=table.read('order', str, ''),
        limit=_limit(table),
        place=_place(
            _Table(f'{table.where}: place', table.read('place', dict))
        ),
    )
    table.check_all_read()
    check_card(card, table.where)
    return card


def _limit(table: _Table) -> int | None:
    if 'limit' not in table.unread:
        return None
    limit = int(table.read('limit', int))
    if limit < 1:
        raise table.error(f'limit is {limit}: omit it to show all rows')
    return limit


def _place(table: _Table) -> Place:
    place = Place(
        *(table.read(key, int) for key in ('column', 'row', 'width', 'height'))
    )
    table.check_all_read()
    return place
