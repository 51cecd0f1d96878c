"""What the figures are to be, and whether they are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.meter import markdown, ratios
from benchmarks.writing import COMMON, FACTS, FLOOR, RETENTION, WHOLE

if TYPE_CHECKING:
    from benchmarks.results import AtScale


@dataclass(frozen=True)
class Goal:
    """One line of the table.

    Attributes:
        title: what is measured.
        figure: its value at a size; None where it was not measured.
        limits: by repositories, what it must be and what it should be.
        form: how a figure is written.
        is_floor: more is better.
    """

    title: str
    figure: 'Callable[[AtScale], float | None]'
    limits: dict[int, tuple[float, float]]
    form: str = '{:.2f}'
    is_floor: bool = False


def _to_floor(name: str) -> 'Callable[[AtScale], float | None]':
    def figure(each: 'AtScale') -> float | None:
        costs = each.writes.costs
        return median(_pairs(costs[name], costs[FLOOR]))

    return figure


def _common(each: 'AtScale') -> float | None:
    costs = each.writes.costs
    if COMMON not in costs:
        return None
    return median(_pairs(costs[COMMON], costs[WHOLE]))


def _process(each: 'AtScale') -> float | None:
    if not each.runs['json'].wall:
        return None
    return median(ratios(each.runs['ingest'].cpu, each.runs['json'].cpu))


def _memory(each: 'AtScale') -> float:
    peak = max(each.runs['first'].peak + each.runs['ingest'].peak)
    return (peak - each.smallest_peak) / 1e6


def _slowest_card(each: 'AtScale') -> float:
    return max(median(seconds) for seconds in each.cards.values()) * 1000


def _retention(each: 'AtScale') -> float:
    costs = each.writes.costs[RETENTION]
    return median(cost.wall for cost in costs) * 1000


def _disk(each: 'AtScale') -> float:
    return sum(each.disk) / 2**20


def _pairs(mine: Iterable[object], floor: Iterable[object]) -> list[float]:
    return ratios(
        [cost.cpu for cost in mine],  # type: ignore[attr-defined]
        [cost.cpu for cost in floor],  # type: ignore[attr-defined]
    )


_GOALS = (
    Goal(
        'facts ÷ COPY of the same rows, CPU',
        _to_floor(FACTS),
        {13_000: (1.7, 1.3), 100_000: (1.3, 1.1), 1_000_000: (1.3, 1.1)},
    ),
    Goal(
        'whole transaction ÷ COPY of the same rows, CPU',
        _to_floor(WHOLE),
        {13_000: (2.5, 2), 100_000: (2, 1.5), 1_000_000: (2, 1.5)},
    ),
    Goal(
        'the common way ÷ whole transaction, CPU',
        _common,
        {13_000: (10, 20), 100_000: (10, 20)},
        '{:.1f}',
        is_floor=True,
    ),
    Goal(
        'whole process ÷ download and parse, CPU',
        _process,
        {13_000: (2, 1.5), 100_000: (2, 1.5)},
    ),
    Goal(
        'memory beyond the start, GraphQL, MB',
        _memory,
        {13_000: (40, 40), 100_000: (60, 60), 1_000_000: (120, 120)},
        '{:.0f}',
    ),
    Goal(
        'slowest card, ms',
        _slowest_card,
        {13_000: (50, 50), 100_000: (200, 200), 1_000_000: (500, 500)},
        '{:.0f}',
    ),
    Goal(
        'retention, ms',
        _retention,
        {13_000: (50, 50), 100_000: (50, 50), 1_000_000: (50, 50)},
        '{:.1f}',
    ),
    Goal('disk, MiB', _disk, {13_000: (200, 200)}, '{:.0f}'),
)


def goals(found: 'Sequence[AtScale]') -> list[str]:
    """Return the table of goals."""
    rows = []
    for goal in _GOALS:
        for each in found:
            figure = goal.figure(each)
            limits = goal.limits.get(each.scale.repositories)
            if figure is None or limits is None:
                continue
            must, should = limits
            rows.append(
                (
                    goal.title,
                    f'{each.scale.repositories:,}',
                    goal.form.format(figure),
                    f'{"≥" if goal.is_floor else "≤"} {must:g}',
                    f'{should:g}',
                    _verdict(figure, must, should, goal.is_floor),
                )
            )
    return markdown(
        ('goal', 'repositories', 'figure', 'must', 'stretch', ''), rows
    )


def _verdict(figure: float, must: float, should: float, is_floor: bool) -> str:
    sign = -1 if is_floor else 1
    if sign * figure <= sign * should:
        return 'reached' if must == should else 'reached, stretched'
    return 'reached' if sign * figure <= sign * must else '**not reached**'
