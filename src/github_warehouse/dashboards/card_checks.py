"""Check that a card is consistent: its chart, its SQL and its filters."""

import re
from itertools import combinations

from github_warehouse.dashboards.cards import CHARTS, COLUMNS, Card
from github_warehouse.dashboards.queries import READS
from github_warehouse.errors import DefinitionError
from github_warehouse.warehouse.view_files import ROLLUPS, view_names

_COLUMN = re.compile(r'[a-z0-9_]*')
_PLACEHOLDER = re.compile(r'\{\{(\w+)\}\}')


def check_card(card: Card, where: str) -> None:
    """Check one card.

    Args:
        card: the card.
        where: file, dashboard and card, for the message.

    Raises:
        DefinitionError: the card cannot be displayed; says why.
    """
    problem = (
        _place_problem(card)
        or _column_problem(card)
        or _chart_problem(card)
        or _sql_problem(card)
        or _filter_problem(card)
    )
    if problem:
        raise DefinitionError(f'{where}: {problem}')


def check_overlaps(cards: tuple[Card, ...], where: str) -> None:
    """Check that no two cards of a dashboard overlap.

    Raises:
        DefinitionError: two of them do.
    """
    for one, other in combinations(cards, 2):
        if one.place.overlaps(other.place):
            raise DefinitionError(
                f'{where}: {one.title!r} overlaps {other.title!r}'
            )


def _place_problem(card: Card) -> str | None:
    place = card.place
    if min(place.column, place.row) < 0:
        return 'place: column and row must not be negative'
    if min(place.width, place.height) < 1:
        return 'place: width and height must be at least 1'
    if place.column + place.width > COLUMNS:
        return f'place: column + width must be at most {COLUMNS}'
    return None


def _column_problem(card: Card) -> str | None:
    for column in (card.x, card.series, *card.y):
        if not isinstance(column, str) or not _COLUMN.fullmatch(column):
            return f'{column!r} is not a column name'
    return None


def _chart_problem(card: Card) -> str | None:
    if card.chart not in CHARTS:
        return f'chart is {card.chart!r}: choose one of {", ".join(CHARTS)}'
    if card.chart == 'table':
        unneeded = (card.x, card.y, card.series, card.x_title, card.y_title)
        if any(unneeded) or card.is_total:
            return 'a table has no axes and no total'
    elif card.chart == 'number':
        if len(card.y) != 1 or card.x or card.series:
            return 'a number has one y, and no x or series'
    elif not (card.x and card.y and card.x_title and card.y_title):
        return 'x, y, x_title and y_title are required'
    elif card.series and len(card.y) != 1:
        return 'a chart with a series has one y'
    return None


def _sql_problem(card: Card) -> str | None:
    relations = {
        name.lower()
        for _, names in READS.findall(card.sql)
        for name in re.findall('[a-z_]+', names, re.I)
    }
    unknown = relations - {*view_names(), *ROLLUPS}
    if unknown:
        return f'sql reads {", ".join(sorted(unknown))}: not a view'
    if sorted(_PLACEHOLDER.findall(card.sql)) != sorted(card.filters):
        return (
            'sql must contain [[and {{NAME}}]] once for each filter that the '
            'card has, and for no other'
        )
    return None


def _filter_problem(card: Card) -> str | None:
    for name, column in card.filters.items():
        placeholder = f'[[and {{{{{name}}}}}]]'
        if placeholder not in card.sql:
            return f'write the filter {name} in sql as {placeholder}'
        view, _, field = column.partition('.')
        is_known = view in {*view_names(), *ROLLUPS}
        if not is_known or not _COLUMN.fullmatch(field or '-'):
            return f'{name} is {column!r}: write it as VIEW.COLUMN'
    return None
