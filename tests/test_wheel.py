"""What is built runs elsewhere: the wheel holds all that it needs."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import github_warehouse

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope='module')
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the project, built."""
    folder = tmp_path_factory.mktemp('wheel')
    subprocess.run(
        [sys.executable, '-m', 'hatchling', 'build', '-t', 'wheel']
        + ['-d', str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob(f'*-{github_warehouse.__version__}-*.whl')
    return built


def _uncounted() -> dict[str, str]:
    """The environment, without what counts the lines of the package."""
    return {k: v for k, v in os.environ.items() if 'COVERAGE' not in k}


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    package = ROOT / 'src' / 'github_warehouse'
    files = {
        str(path.relative_to(package.parent))
        for path in package.rglob('*')
        if path.is_file() and path.suffix != '.pyc'
    }
    assert files - packed == set()


def test_the_wheel_runs_the_demo_without_the_repository(
    wheel: Path, tmp_path: Path
) -> None:
    """Unpacked, on the dependencies there are."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / 'packed')
    done = subprocess.run(
        [sys.executable, '-m', 'github_warehouse', 'demo'],
        cwd=tmp_path,
        env=_uncounted() | {'PYTHONPATH': str(tmp_path / 'packed')},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / '.demo' / 'report.html').exists()


@pytest.mark.long
def test_the_wheel_runs_the_demo_in_an_empty_environment(
    wheel: Path, tmp_path: Path
) -> None:
    """Installed with its dependencies, from wherever pip takes them."""
    environment = tmp_path / 'environment'
    venv.create(environment, with_pip=True)
    subprocess.run(
        [environment / 'bin' / 'pip', 'install', '-q', f'{wheel}[demo]'],
        check=True,
    )
    done = subprocess.run(
        [environment / 'bin' / 'github-warehouse', 'demo'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
