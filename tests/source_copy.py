"""Copies of the source, changed as a later version might change it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import github_warehouse
from github_warehouse.warehouse.migrate import MIGRATIONS

SOURCE = Path(github_warehouse.__file__).parents[1]
_DECLARED = """
    Metric(
        name='extra_size',
        unit='kilobytes',
        meaning='Size on disk',
        rest=('size',),
        graphql=('diskUsage',),
        is_summed=True,
    ),
    Metric(
        name='extra_watchers',
        meaning='Accounts that get its notifications',
        rest=(),
        graphql=('watchers { totalCount }',),
        is_summed=True,
    ),
    Metric(
        name='extra_flag',
        kind='flag',
        meaning='Whether discussions are switched on',
        rest=('has_discussions',),
        graphql=('hasDiscussionsEnabled',),
        is_summed=False,
    ),
)
METRIC_NAMES ="""


def copy_source(folder: Path) -> Path:
    """Copy the source; return the folder that holds the packages."""
    copy = folder / 'src'
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns('__pycache__'))
    return copy


def declare_metrics(tree: Path) -> None:
    """Declare three additional metrics in a copy."""
    path = tree / 'github_warehouse' / 'metrics.py'
    before, after = path.read_text('utf-8').split(')\nMETRIC_NAMES =')
    path.write_text(before + _DECLARED.lstrip('\n') + after, 'utf-8')


def add_migration(tree: Path, statements: Iterable[str]) -> None:
    """Add a migration to a copy, after all others."""
    last = max(
        path.stem
        for path in MIGRATIONS.glob('*.sql')
        if 'rollback' not in path.stem
    )
    (tree / 'github_warehouse/migrations/9999.extra_metrics.sql').write_text(
        '\n'.join((f'-- depends: {last}', *statements)), 'utf-8'
    )


def edit(tree: Path, name: str, old: str, new: str) -> None:
    """Replace text in a file of the warehouse package of a copy."""
    path = tree / 'github_warehouse' / 'warehouse' / name
    text = path.read_text('utf-8')
    assert old in text, name
    path.write_text(text.replace(old, new), 'utf-8')


def migrate_with(tree: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Run `github-warehouse migrate` of a copy."""
    return subprocess.run(
        [sys.executable, '-m', 'github_warehouse', 'migrate'],
        env={**os.environ, 'PYTHONPATH': str(tree), 'WAREHOUSE_URL': url},
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=120,
    )
