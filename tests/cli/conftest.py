"""Fixtures that run the command line in a separate process."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from github_simulator import Simulator, World, parse_accounts

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """A function that runs `github-warehouse` with only the given settings."""

    def run(
        *arguments: str, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, '-m', 'github_warehouse', *arguments],
            env=environment(**settings),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A small simulated GitHub on a past day."""
    world = World.generate(
        parse_accounts('acme:12,ada:3:user'), today=date(2026, 3, 1)
    )
    with Simulator(world) as simulator:
        yield simulator


def environment(**settings: str) -> dict[str, str]:
    """Return the settings with the environment variables a process needs."""
    # WAREHOUSE_SCHEMA is that of the tests: the user's settings are removed
    needed = (
        *('PATH', 'HOME', 'LANG', 'COVERAGE_', 'TMPDIR', 'PGPASS'),
        'WAREHOUSE_SCHEMA',
    )
    kept = {k: v for k, v in os.environ.items() if k.startswith(needed)}
    return kept | settings
