"""Dashboards and their cards, independent of how they are displayed."""

from dataclasses import dataclass

COLUMNS = 24
CHARTS = ('number', 'line', 'area', 'bar', 'row', 'table')
FILTERS = ('company', 'dates')


@dataclass(frozen=True)
class Place:
    """Position and size of a card, on a grid of 24 columns."""

    column: int
    row: int
    width: int
    height: int

    def overlaps(self, other: 'Place') -> bool:
        """Return whether two cards would overlap."""
        return (
            self.column < other.column + other.width
            and other.column < self.column + self.width
            and self.row < other.row + other.height
            and other.row < self.row + self.height
        )


@dataclass(frozen=True)
class Card:
    """One question and how its answer is displayed.

    Attributes:
        title: heading, unique over all dashboards.
        sentence: one sentence that explains the card.
        chart: one of CHARTS.
        sql: query over views, with the placeholders of its filters.
        filters: for each filter, the `view.column` that it applies to.
        x: column along the x axis; empty for none.
        y: columns with the measures.
        series: column that distinguishes lines or bars; empty for none.
        x_title: title of the x axis, with its unit.
        y_title: title of the y axis, with its unit.
        is_total: whether rows that differ only by company are summed.
        order: columns as in SQL's ORDER BY; empty for none.
        limit: maximum number of rows; None for all.
        place: where the card is on its dashboard.
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
    """Cards that belong together."""

    key: str
    title: str
    sentence: str
    cards: tuple[Card, ...]

    @property
    def filters(self) -> tuple[str, ...]:
        """The filters that at least one card uses."""
        used = {name for card in self.cards for name in card.filters}
        return tuple(name for name in FILTERS if name in used)
