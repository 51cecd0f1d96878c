"""The documentation matches the code."""

import re
import subprocess
from pathlib import Path

import pytest

from github_warehouse import cli, config
from github_warehouse.dashboards import settings as dashboard_settings
from github_warehouse.warehouse.statements import AUDITS, VIEWS

ROOT = Path(__file__).parents[1]


def _settings_read() -> set[str]:
    source = ''.join(
        Path(str(module.__file__)).read_text('utf-8')
        for module in (config, dashboard_settings)
    )
    return set(re.findall(r"'([A-Z]+(?:_[A-Z]+)*)'", source)) - {'CI'}


def _settings_of_the_stack() -> set[str]:
    compose = (ROOT / 'docker-compose.yml').read_text('utf-8')
    secrets = re.findall(r'^  ([A-Z_]+): {file:', compose, re.M)
    variables = re.findall(r'\$\{([A-Z_]+)', compose)
    made_by_scripts = {
        'CHECKS_UID',
        'CHECKS_GID',
        'DASHBOARD_SECRETS',
        'METABASE_JAVA_OPTIONS',
        'PIPELINERUNNER_SECRETS',
        'SECRETS_DIRECTORY',
        'SIMULATED_ACCOUNTS',
    }
    return {*secrets, *variables, 'METABASE_ENCRYPTION_KEY'} - made_by_scripts


def test_env_lists_exactly_the_settings() -> None:
    listed = re.findall(r'^#?([A-Z_]+)=', (ROOT / 'env').read_text(), re.M)
    settings = _settings_read() | _settings_of_the_stack()
    assert sorted(listed) == sorted(settings)


def test_env_contains_no_secret() -> None:
    for line in (ROOT / 'env').read_text().splitlines():
        if re.match(r'#?[A-Z_]*(TOKEN|PASSWORD|KEY|URL)=', line):
            assert line.split('=')[1] in (
                '',
                'https://api.github.com',
                'http://127.0.0.1:3000',
            )


def test_the_readme_names_every_view() -> None:
    readme = (ROOT / 'README.md').read_text('utf-8')
    views = {path.stem for path in VIEWS.glob('*.sql')}
    section = readme.split('## Questions it answers')[1].split('## How')[0]
    assert set(re.findall(r'`([a-z_]+)`', section)) == views


def test_the_readme_names_only_existing_commands() -> None:
    readme = (ROOT / 'README.md').read_text('utf-8')
    named = set(re.findall(r'bin/github-warehouse ([a-z]+)', readme))
    assert named <= set(cli.cli.commands)
    targets = set(re.findall(r'(?:^|`)make ([a-z-]+)', readme, re.M))
    makefile = (ROOT / 'Makefile').read_text('utf-8')
    assert targets <= set(re.findall(r'^([a-z-]+):', makefile, re.M))


@pytest.mark.parametrize(
    ('page', 'least'),
    [
        ('surviving-github', 40),
        ('surviving-the-rest', 30),
        ('invariants', 15),
    ],
)
def test_named_tests_and_audits_exist(page: str, least: int) -> None:
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


def test_make_without_a_target_lists_every_target() -> None:
    makefile = (ROOT / 'Makefile').read_text('utf-8')
    targets = set(re.findall(r'^\.PHONY: ([a-z0-9-]+)$', makefile, re.M))
    printed = subprocess.run(
        ['make', '--no-print-directory'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    printed = [line for line in printed if line.startswith('  ')]
    assert {line.split()[0] for line in printed} == targets
    assert all(len(line.split()) > 1 for line in printed)


@pytest.mark.parametrize('name', ['CHANGELOG.md', 'LICENSE', 'README.md'])
def test_the_project_files_exist(name: str) -> None:
    assert (ROOT / name).read_text('utf-8').strip()
