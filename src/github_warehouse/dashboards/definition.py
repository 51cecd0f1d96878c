"""What the dashboards are: read from dashboards.toml, and checked.

The file says what each key means. The same cards are shown by Metabase and
by the page.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from github_warehouse.errors import DefinitionError
from github_warehouse.warehouse.migrate import ROLLUPS, view_names

DEFINITION = Path(__file__).parent / 'dashboards.toml'
COLUMNS = 24
CHARTS = ('number', 'line', 'area', 'bar', 'row', 'table')
FILTERS = ('company', 'dates')

_READS = re.compile(
    r'(?:\bfrom|\bjoin)\s+([a-z_]+)((?:\s*,\s*[a-z_]+)*)', re.I
)
_COLUMN = re.compile(r'[a-z0-9_]*')
_TAG = re.compile(r'\{\{(\w+)\}\}')


@dataclass(frozen=True)
class Place:
    """Where a card is, on a grid of 24 columns."""

    column: int
    row: int
    width: int
    height: int

    def overlaps(self, other: 'Place') -> bool:
        """Tell whether two cards would lie on each other."""
        return (
            self.column < other.column + other.width
            and other.column < self.column + self.width
            and self.row < other.row + other.height
            and other.row < self.row + self.height
        )


@dataclass(frozen=True)
class Card:
    """One question and how its answer is shown.

    Attributes:
        filters: by filter, the view.column that it goes by.
        is_total: rows that differ by company alone are summed.
        order: columns, as SQL orders by them; empty for none.
        limit: rows shown, at most; None for all.
    """

    title: str
    sentence: str
    chart: str
    sql: str
    filters: dict[str, str]
    x: str
    y: tuple[str, ...]
    series: str
    x_title: str
    y_title: str
    is_total: bool
    order: str
    limit: int | None
    place: Place


@dataclass(frozen=True)
class Dashboard:
    """Cards that are looked at together."""

    key: str
    title: str
    sentence: str
    cards: tuple[Card, ...]

    @property
    def filters(self) -> tuple[str, ...]:
        """Name the filters that at least one card goes by."""
        used = {name for card in self.cards for name in card.filters}
        return tuple(name for name in FILTERS if name in used)


class _Table:
    """A table of the file, of which every key has to be taken."""

    def __init__(self, where: str, content: object) -> None:
        self.where = where
        if not isinstance(content, dict):
            raise DefinitionError(f'{where} is not a table')
        self.left: dict[str, Any] = dict(content)

    def refuse(self, reason: str) -> DefinitionError:
        """Return the error that names the file, the table and the key."""
        return DefinitionError(f'{self.where}: {reason}')

    def take(self, key: str, kind: type, default: Any = None) -> Any:
        """Take a key's value; without a default it has to be there."""
        if key not in self.left:
            if default is None:
                raise self.refuse(f'{key} is missing')
            return default
        value = self.left.pop(key)
        if (
            type(value) is not kind
            or value == []
            or (isinstance(value, str) and not value.strip())
        ):
            raise self.refuse(f'{key} is {value!r}, no {kind.__name__}')
        return value

    def end(self) -> None:
        """Make sure that nothing is left that nobody knows."""
        if self.left:
            raise self.refuse(f'{", ".join(self.left)}: no such key')


def load_dashboards(path: Path = DEFINITION) -> tuple[Dashboard, ...]:
    """Read the definition.

    Raises:
        DefinitionError: it is wrong; names the file, the card and the key.
    """
    try:
        content = tomllib.loads(path.read_text('utf-8'))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f'{path.name}: {error}') from error
    whole = _Table(path.name, content)
    dashboards = tuple(
        _dashboard(_Table(f'{path.name}: dashboard {number}', each))
        for number, each in enumerate(whole.take('dashboard', list), 1)
    )
    whole.end()
    titles = [card.title for each in dashboards for card in each.cards]
    for names in (
        titles,
        [each.key for each in dashboards],
        [each.title for each in dashboards],
    ):
        for name in {name for name in names if names.count(name) > 1}:
            raise whole.refuse(f'two are called {name!r}')
    return dashboards


def _dashboard(table: _Table) -> Dashboard:
    key = table.take('key', str)
    if not re.fullmatch('[a-z]+(?:-[a-z]+)*', key):
        raise table.refuse(f'key is {key!r}: write small letters and hyphens')
    file = table.where.partition(':')[0]
    dashboard = Dashboard(
        key=key,
        title=table.take('title', str),
        sentence=table.take('sentence', str),
        cards=tuple(
            _card(_Table(f'{file}: {key}: card {number}', each))
            for number, each in enumerate(table.take('card', list), 1)
        ),
    )
    table.end()
    for one, other in _pairs(dashboard.cards):
        if one.place.overlaps(other.place):
            raise table.refuse(f'{one.title!r} lies on {other.title!r}')
    return dashboard


def _pairs(cards: tuple[Card, ...]) -> Iterator[tuple[Card, Card]]:
    for number, one in enumerate(cards):
        for other in cards[number + 1 :]:
            yield one, other


def _card(table: _Table) -> Card:
    title = table.take('title', str)
    table.where = f'{table.where} {title!r}'
    card = Card(
        title=title,
        sentence=table.take('sentence', str),
        chart=table.take('chart', str),
        sql=table.take('sql', str).strip(),
        filters={
            name: table.take(name, str)
            for name in FILTERS
            if name in table.left
        },
        x=table.take('x', str, ''),
        y=tuple(table.take('y', list, [])),
        series=table.take('series', str, ''),
        x_title=table.take('x_title', str, ''),
        y_title=table.take('y_title', str, ''),
        is_total=table.take('total', bool, False),
        order=table.take('order', str, ''),
        limit=_limit(table),
        place=_place(
            _Table(f'{table.where}: place', table.take('place', dict))
        ),
    )
    table.end()
    _check_chart(card, table)
    _check_sql(card, table)
    return card


def _limit(table: _Table) -> int | None:
    if 'limit' not in table.left:
        return None
    limit = int(table.take('limit', int))
    if limit < 1:
        raise table.refuse(f'limit is {limit}: leave it out for all rows')
    return limit


def _place(table: _Table) -> Place:
    place = Place(
        *(table.take(key, int) for key in ('column', 'row', 'width', 'height'))
    )
    table.end()
    if min(place.column, place.row) < 0 or min(place.width, place.height) < 1:
        raise table.refuse('a number is too small')
    if place.column + place.width > COLUMNS:
        raise table.refuse(f'wider than {COLUMNS} columns')
    return place


def _check_chart(card: Card, table: _Table) -> None:
    for column in (card.x, card.series, *card.y):
        if not isinstance(column, str) or not _COLUMN.fullmatch(column):
            raise table.refuse(f'{column!r} is no column')
    if card.chart not in CHARTS:
        raise table.refuse(
            f'chart is {card.chart!r}: choose {", ".join(CHARTS)}'
        )
    if card.chart == 'table':
        unneeded = (card.x, card.y, card.series, card.x_title, card.y_title)
        if any(unneeded) or card.is_total:
            raise table.refuse('a table has no axes, and no total')
    elif card.chart == 'number':
        if len(card.y) != 1 or card.x or card.series:
            raise table.refuse('a number has one y, and no x or series')
    elif not (card.x and card.y and card.x_title and card.y_title):
        raise table.refuse('x, y, x_title and y_title are needed')
    elif card.series and len(card.y) != 1:
        raise table.refuse('with a series there is one y')


def _check_sql(card: Card, table: _Table) -> None:
    views = {*view_names(), *ROLLUPS}
    named = {
        name.lower()
        for first, others in _READS.findall(card.sql)
        for name in (first, *re.findall('[a-z_]+', others, re.I))
    }
    unknown = named - views
    if unknown:
        raise table.refuse(f'sql reads {", ".join(sorted(unknown))}: no view')
    if sorted(_TAG.findall(card.sql)) != sorted(card.filters):
        raise table.refuse(
            'sql and the filters differ: each of company and dates that is '
            'given is once in the sql, as [[and {{company}}]]'
        )
    for name, column in card.filters.items():
        if f'[[and {{{{{name}}}}}]]' not in card.sql:
            raise table.refuse(f'sql has {name}, but not as [[and ...]]')
        view, _, field = column.partition('.')
        if view not in views or not _COLUMN.fullmatch(field or '-'):
            raise table.refuse(f'{name} is {column!r}: write view.column')
