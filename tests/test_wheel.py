"""The built wheel contains everything it needs to run elsewhere."""

import os
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import github_warehouse

ROOT = Path(__file__).parents[1]
DATA_OF_SIMULATOR = {'py.typed', 'schema.graphql'}


@pytest.fixture(scope='module')
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel of the project."""
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
    """Return the environment without the variables of coverage."""
    return {k: v for k, v in os.environ.items() if 'COVERAGE' not in k}


def test_the_wheel_contains_every_file_of_both_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = {
        str(path.relative_to(ROOT / 'src'))
        for package in ('github_simulator', 'github_warehouse')
        for path in (ROOT / 'src' / package).rglob('*')
        if path.is_file() and path.suffix != '.pyc'
    }
    assert {f'github_simulator/{n}' for n in DATA_OF_SIMULATOR} <= files
    assert files - packed == set()


def test_the_wheel_runs_the_demo_without_the_repository(
    wheel: Path, tmp_path: Path
) -> None:
    """The wheel is unpacked and uses the installed dependencies."""
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


@pytest.fixture(scope='module')
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and its dependencies, without extras."""
    folder = tmp_path_factory.mktemp('bare')
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    (metadata,) = folder.glob('*.dist-info')
    _link_requirements(Distribution.at(metadata), folder)
    return folder


def _link_requirements(package: Distribution, folder: Path) -> None:
    """Link the direct and indirect requirements of a distribution."""
    for requirement in map(Requirement, package.requires or ()):
        marker = requirement.marker
        if marker is not None and not marker.evaluate({'extra': ''}):
            continue
        needed = distribution(requirement.name)
        for top in {file.parts[0] for file in needed.files or ()}:
            link = folder / top
            if top not in ('..', '__pycache__') and not link.exists():
                link.symlink_to(str(needed.locate_file(top)))
                _link_requirements(needed, folder)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ('migrate', 'set WAREHOUSE_URL, or `pip install'),
        ('ingest', 'set WAREHOUSE_URL, or `pip install'),
        ('export trending_repos', 'set WAREHOUSE_URL, or `pip install'),
        ('report', 'set WAREHOUSE_URL, or `pip install'),
        ('psql', 'set WAREHOUSE_URL, or `pip install'),
        ('demo', 'github-warehouse[simulator]'),
        ('simulate', 'github-warehouse[simulator]'),
    ],
)
def test_a_missing_extra_is_a_one_line_error_and_writes_nothing(
    bare: Path, tmp_path: Path, arguments: str, message: str
) -> None:
    done = subprocess.run(
        [sys.executable, '-S', '-m', 'github_warehouse', *arguments.split()],
        cwd=tmp_path,
        env={
            'PATH': os.environ['PATH'],
            'HOME': str(tmp_path),
            'PYTHONPATH': str(bare),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith('github-warehouse: ') and message in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_the_wheel_runs_the_demo_in_an_empty_environment(
    wheel: Path, tmp_path: Path
) -> None:
    """The wheel is installed with its dependencies by pip."""
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
