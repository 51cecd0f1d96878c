"""Fixtures: a separate stack with its own project, volumes and ports."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from compose_stack import Stack, free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope='session', autouse=True)
def docker() -> None:
    """Skip tests that need a container engine if there is none."""
    if not shutil.which('docker'):
        pytest.skip('needs Docker: the command is not installed')
    if subprocess.run(['docker', 'info'], capture_output=True).returncode:
        pytest.skip('needs Docker: the engine does not answer')


@pytest.fixture(scope='session')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tracked and the new files of the project."""
    if not (shutil.which('git') and (ROOT / '.git').exists()):
        pytest.skip('needs git: the files of a clone are copied')
    copy = tmp_path_factory.mktemp('stack') / 'project'
    listed = subprocess.run(
        ['git', 'ls-files', '-z', '-co', '--exclude-standard'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.split('\0'):
        if name and (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name, follow_symlinks=False)
    return copy


@pytest.fixture(scope='session')
def new_stack(folder: Path) -> Stack:
    """A stack that has not been started."""
    names = ('PATH', 'HOME', 'DOCKER_HOST', 'DOCKER_CONFIG')
    environment = {k: v for k, v in os.environ.items() if k in names}
    return Stack(
        folder,
        environment
        | {
            'STACK': 'demo',
            'COMPOSE_PROJECT_NAME': f'github-warehouse-test-{os.getpid()}',
            'WAREHOUSE_PUBLISHED_PORT': str(free_port()),
            'DASHBOARD_PUBLISHED_PORT': str(free_port()),
        },
    )


@pytest.fixture(scope='session')
def stack(new_stack: Stack) -> Iterator[Stack]:
    """A running stack."""
    try:
        new_stack.up()
        yield new_stack
    finally:
        new_stack.run('make', 'demo-stack-down')
