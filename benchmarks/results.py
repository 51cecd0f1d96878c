"""The results as a Markdown page."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.goals import goals
from benchmarks.html_page import PageCost, describe_page
from benchmarks.meter import (
    Cost,
    format_milliseconds,
    format_ratio,
    format_spread,
    markdown,
    ratios,
)
from benchmarks.running import Runs
from benchmarks.synthetic import Scale
from benchmarks.writing import (
    COMMON,
    FACTS,
    FLOOR,
    REST,
    RETENTION,
    WHOLE,
    Writes,
)

_STEPS = {
    '_stage': 'copy what was observed into staging tables',
    '_write_dimensions': 'repositories, languages, companies',
    FACTS: '**facts**: built aside, keyed, attached',
    '_write_rollups': 'totals by company and language',
    '_audit': 'audits',
    REST: 'lock, run log, retention, commit, the client between',
    WHOLE: '**whole transaction**',
    FLOOR: 'floor: COPY of the same rows without foreign keys',
    COMMON: 'the common way',
}


@dataclass(frozen=True)
class ScaleResult:
    """The measurements of one size."""

    scale: Scale
    version: str
    disk: tuple[int, int]
    views: dict[str, list[float]]
    cards: dict[str, list[float]]
    page: PageCost
    writes: Writes
    rerun: Cost
    gap: Cost
    runs: dict[str, Runs]
    smallest_peak: int


def machine() -> list[str]:
    """Describe the machine, its load and the versions."""
    cpu = next(
        line.partition(': ')[2]
        for line in Path('/proc/cpuinfo').read_text().splitlines()
        if line.startswith('model name')
    )
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')
    return [
        f'{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} x {cpu}, '
        f'{memory / 2**30:.0f} GiB, Linux {platform.release()}; '
        f'load at the start {os.getloadavg()[0]:.1f}.',
        f'Python {platform.python_version()}, '
        f'psycopg2 {version("psycopg2-binary")}, ',
    ]


def write_results(
    path: Path,
    began: list[str],
    found: Sequence[ScaleResult],
    requests: Sequence[tuple[object, ...]],
) -> None:
    """Write the Markdown page of results."""
    began[-1] += f'embedded PostgreSQL {found[0].version} as it comes.'
    lines = [
        '# What it costs',
        '',
        'Written by `make bench`; what it means is in docs/performance.md.',
        '',
        *began,
        'Medians, with the least and the greatest of as many samples. CPU is '
        'that of the client and of the backend, or backends, that serve it. '
        'What is compared was measured in turn, and divided pair by pair.',
        *_section('Goals', goals(found)),
    ]
    for each in found:
        lines += _section(f'The daily write: {each.scale}', _writes(each))
    lines += _section('The whole process: every repository', _runs(found))
    lines += _section('Requests and points: 13,000', _requests(requests))
    lines += _section('Cards, ms', _queries([e.cards for e in found], found))
    lines += _section('Views, ms', _queries([e.views for e in found], found))
    lines += _section('Now and then', _upkeep(found))
    path.write_text('\n'.join(lines) + '\n', 'utf-8')


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ['', f'## {title}', '', *lines]


def _writes(each: ScaleResult) -> list[str]:
    costs = each.writes.costs
    floor = [cost.cpu for cost in costs[FLOOR]]
    rows = []
    for name, words in _STEPS.items():
        if name not in costs:
            continue
        cpu = [cost.cpu for cost in costs[name]]
        rows.append(
            (
                words,
                format_spread(cpu, format_milliseconds),
                format_milliseconds(median(cost.wall for cost in costs[name])),
                format_spread(ratios(cpu, floor), format_ratio),
            )
        )
    retention = [cost.wall for cost in costs[RETENTION]]
    return [
        f'{each.writes.rows:,} rows a day, {each.scale.changed:,} '
        f'repositories observed, {each.scale.samples} samples.',
        '',
        *markdown(('step', 'CPU', 'wall', 'CPU ÷ floor'), rows),
        '',
        'Of the rest, dropping what is older than retention: '
        f'{format_spread(retention, format_milliseconds)}.',
    ]


def _runs(found: Sequence[ScaleResult]) -> list[str]:
    rows: list[tuple[object, ...]] = []
    for each in found:
        for name, runs in each.runs.items():
            if not runs.wall:
                continue
            rows.append(
                (
                    f'{each.scale.repositories:,}',
                    _RUNS[name],
                    f'{median(runs.wall):.2f} s',
                    f'{median(runs.client):.2f} s',
                    f'{median(runs.server):.2f} s',
                    f'{(max(runs.peak) - each.smallest_peak) / 1e6:.1f} MB',
                )
            )
    return [
        'Memory is the peak beyond that of an ingest of 100 repositories.',
        '',
        *markdown(
            ('repositories', '', 'wall', 'process', 'server', 'memory'), rows
        ),
    ]


_RUNS = {
    'first': '`ingest` into nothing',
    'ingest': '`ingest --full`, the next days',
    'json': 'the same pages, only downloaded and parsed',
    'observations': 'the same pages, read by our client and dropped',
}


def _requests(rows: Sequence[tuple[object, ...]]) -> list[str]:
    return markdown(
        ('source', 'run', 'requests', 'points'), [row[:4] for row in rows]
    )


def _queries(
    results: Sequence[dict[str, list[float]]], found: Sequence[ScaleResult]
) -> list[str]:
    names = sorted(results[-1], key=lambda name: -median(results[-1][name]))
    return markdown(
        ('', *(str(each.scale) for each in found)),
        [
            (
                name,
                *(
                    format_spread(each[name], lambda s: f'{s * 1000:,.1f}')
                    for each in results
                ),
            )
            for name in names
        ],
    )


def _upkeep(found: Sequence[ScaleResult]) -> list[str]:
    lines = []
    for each in found:
        facts, rollups = each.disk
        rows = each.scale.repositories * each.scale.days
        lines += [
            f'{each.scale}:',
            '',
            '- a rerun of the same day with nothing new: '
            f'{format_milliseconds(each.rerun.wall)} wall, '
            f'{format_milliseconds(each.rerun.cpu)} CPU',
            '- a run after seven days without one: '
            f'{format_milliseconds(each.gap.wall)} wall, '
            f'{format_milliseconds(each.gap.cpu)} CPU',
            f'- on disk: facts {facts / 2**20:,.1f} MiB '
            f'({facts / rows:.0f} bytes per repository and day), '
            f'rollups {rollups / 2**20:,.1f} MiB',
            f'- the HTML page: {describe_page(each.page)}',
            '',
        ]
    return lines[:-1]
