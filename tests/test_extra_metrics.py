"""A new metric needs only its declaration and a migration."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from source_copy import add_migration, copy_source, declare_metrics

TESTS = Path(__file__).parent


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the source that declares three additional metrics."""
    copy = copy_source(tmp_path)
    declare_metrics(copy)
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
    add_migration(tree, statements)
    done = _run(tree, server_url, columns, 'extra_metrics.py')
    assert done.returncode == 0, done.stdout + done.stderr
