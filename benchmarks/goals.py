"""Performance goals, and whether the measurements meet them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.meter import markdown, ratios
from benchmarks.writing import COMMON, FACTS, FLOOR, RETENTION, WHOLE

if TYPE_CHECKING:
    from benchmarks.results import ScaleResult


@dataclass(frozen=True)
class Goal:
    """One row of the table of goals.

    Attributes:
        title: what is measured.
        figure: returns the value at a size; None if it was not measured.
        limits: required and desired value, by number of repositories.
        form: format string of a value.
        is_floor: whether higher values are better.
    """

    title: str
    figure: 'Callable[[ScaleResult], float | None]'
    limits: dict[int, tuple[float, float]]
    form: str = '{:.2f}'
    is_floor: bool = False


def _to_floor(name: str) -> 'Callable[[ScaleResult], float | None]':
    def figure(result: 'ScaleResult') -> float | None:
        costs = result.writes.costs
        return median(_pairs(costs[name], costs[FLOOR]))

    return figure


def _common(result: 'ScaleResult') -> float | None:
    costs = result.writes.costs
    if COMMON not in costs:
        return None
    return median(_pairs(costs[COMMON], costs[WHOLE]))


def _process(result: 'ScaleResult') -> float | None:
    if not result.runs['json'].wall:
        return None
    return median(ratios(result.runs['ingest'].cpu, result.runs['json'].cpu))


def _memory(result: 'ScaleResult') -> float:
    peak = max(result.runs['first'].peak + result.runs['ingest'].peak)
    return (peak - result.smallest_peak) / 1e6


def _slowest_card(result: 'ScaleResult') -> float:
    return max(median(seconds) for seconds in result.cards.values()) * 1000


def _retention(result: 'ScaleResult') -> float:
    costs = result.writes.costs[RETENTION]
    return median(cost.wall for cost in costs) * 1000


def _disk(result: 'ScaleResult') -> float:
    return sum(result.disk) / 2**20


def _pairs(costs: Iterable[object], floor: Iterable[object]) -> list[float]:
    return ratios(
        [cost.cpu for cost in costs],  # type: ignore[attr-defined]
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


def goals(found: 'Sequence[ScaleResult]') -> list[str]:
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
