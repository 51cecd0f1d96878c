"""A new metric needs only its declaration and a migration."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import github_warehouse
from github_warehouse.warehouse.migrate import MIGRATIONS

SOURCE = Path(github_warehouse.__file__).parents[1]
TESTS = Path(__file__).parent
DECLARED = """
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


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the source that declares three additional metrics."""
    copy = tmp_path / 'src'
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns('__pycache__'))
    path = copy / 'github_warehouse' / 'metrics.py'
    before, after = path.read_text('utf-8').split(')\nMETRIC_NAMES =')
    path.write_text(before + DECLARED.lstrip('\n') + after, 'utf-8')
    return copy


def _run(
    tree: Path, server_url: str, *tests: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider'),
            *(str(TESTS / name) for name in tests),
        ],
        cwd=TESTS.parent,
        env={
            **os.environ,
            'PYTHONPATH': str(tree),
            'WAREHOUSE_URL': server_url,
        },
        capture_output=True,
        text=True,
    )


def test_declared_metrics_are_stored_as_github_returns_them(
    tree: Path, server_url: str
) -> None:
    """The migration is the one printed by the test that misses it."""
    columns = 'warehouse/test_metric_columns.py'
    failed = _run(tree, server_url, columns)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    printed = [
        line.removeprefix('E').strip() for line in failed.stdout.splitlines()
    ]
    statements = dict.fromkeys(
        line
        for line in printed
        if re.fullmatch('alter table .+ add column .+;', line)
    )
    assert len(statements) == 5
    last = max(
        path.stem
        for path in MIGRATIONS.glob('*.sql')
        if 'rollback' not in path.stem
    )
    (tree / 'github_warehouse/migrations/9999.extra_metrics.sql').write_text(
        '\n'.join((f'-- depends: {last}', *statements)), 'utf-8'
    )
    done = _run(tree, server_url, columns, 'extra_metrics.py')
    assert done.returncode == 0, done.stdout + done.stderr
