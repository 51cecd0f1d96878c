"""What is written down is true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from github_warehouse import cli, config
from github_warehouse.warehouse.audit import AUDITS
from github_warehouse.warehouse.migrate import VIEWS

ROOT = Path(__file__).parents[1]


def _settings_read() -> set[str]:
    source = Path(config.__file__).read_text('utf-8')
    return set(re.findall(r"'([A-Z]+(?:_[A-Z]+)*)'", source)) - {'CI'}


def test_every_setting_is_in_env_and_nothing_else() -> None:
    listed = re.findall(r'^#?([A-Z_]+)=', (ROOT / 'env').read_text(), re.M)
    assert sorted(listed) == sorted(_settings_read())


def test_env_holds_no_secret() -> None:
    for line in (ROOT / 'env').read_text().splitlines():
        if re.match(r'#?[A-Z_]*(TOKEN|PASSWORD|URL)=', line):
            assert line.split('=')[1] in ('', 'https://api.github.com')


def test_the_readme_names_every_view() -> None:
    readme = (ROOT / 'README.md').read_text('utf-8')
    views = {path.stem for path in VIEWS.glob('*.sql')}
    section = readme.split('## Questions it answers')[1].split('## How')[0]
    assert set(re.findall(r'`([a-z_]+)`', section)) == views


def test_the_readme_names_only_commands_that_are_there() -> None:
    readme = (ROOT / 'README.md').read_text('utf-8')
    named = set(re.findall(r'bin/github-warehouse ([a-z]+)', readme))
    assert named <= set(cli.cli.commands)
    targets = set(re.findall(r'\bmake ([a-z]+)\b', readme))
    makefile = (ROOT / 'Makefile').read_text('utf-8')
    assert targets <= set(re.findall(r'^([a-z-]+):', makefile, re.M))


@pytest.mark.parametrize(
    ('page', 'least'), [('surviving-github', 40), ('invariants', 15)]
)
def test_the_tests_and_audits_that_are_named_are_there(
    page: str, least: int
) -> None:
    text = (ROOT / 'docs' / f'{page}.md').read_text('utf-8')
    named = set(re.findall(r'`(test_\w+)`', text))
    written = {
        name
        for path in (ROOT / 'tests').rglob('test_*.py')
        for name in re.findall(r'^def (test_\w+)', path.read_text(), re.M)
    }
    assert len(named) >= least and named <= written
    if page == 'invariants':
        for audit in AUDITS.glob('*.sql'):
            assert f'`{audit.stem.partition("_")[2]}`' in text


def test_make_alone_prints_every_target_with_one_line() -> None:
    makefile = (ROOT / 'Makefile').read_text('utf-8')
    targets = set(re.findall(r'^\.PHONY: (\S+)$', makefile, re.M))
    printed = subprocess.run(
        ['make', '--no-print-directory'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert {line.split()[0] for line in printed} == targets
    assert all(len(line.split()) > 1 for line in printed)


def test_the_wheel_carries_migrations_views_and_queries(
    tmp_path: Path,
) -> None:
    subprocess.run(
        [sys.executable, '-m', 'pip', 'wheel', '--quiet', '--no-deps']
        + ['--no-build-isolation', '--wheel-dir', str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob('*.whl')
    names = subprocess.run(
        [sys.executable, '-m', 'zipfile', '--list', str(wheel)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for folder, pattern in (
        ('migrations', '*.sql'),
        ('src/github_warehouse', '**/*.sql'),
        ('src/github_warehouse', '**/*.graphql'),
    ):
        for path in (ROOT / folder).glob(pattern):
            inside = path.relative_to(ROOT).as_posix().removeprefix('src/')
            if folder == 'migrations':
                inside = f'github_warehouse/{inside}'
            assert inside in names


@pytest.mark.parametrize('name', ['CHANGELOG.md', 'LICENSE', 'README.md'])
def test_the_house_has_its_papers(name: str) -> None:
    assert (ROOT / name).read_text('utf-8').strip()
