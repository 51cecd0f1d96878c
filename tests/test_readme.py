"""The commands in the README work."""

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from github_simulator import Simulator, World, parse_accounts

ROOT = Path(__file__).parents[1]
README = (ROOT / 'README.md').read_text('utf-8')

# Where each make target in the README is tested.
TRIED = {
    'ci': '.ci/run',
    'demo': 'tests/cli/test_demo.py',
    'install': '.ci/run',
    'up': 'tests/stack/test_stack.py',
    'logs': 'tests/stack/test_stack.py',
    'backup': 'tests/stack/test_stack.py',
    'restore': 'tests/stack/test_stack.py',
    'down': 'tests/stack/test_stack.py',
    'demo-stack': 'tests/stack/test_stack.py',
    'demo-stack-down': 'tests/stack/conftest.py',
    'stack-test': '.ci/run',
    'bare-test': '.ci/run',
    'db-migration': 'tests/test_stack_files.py',
    'dictionary': 'tests/test_data_dictionary.py',
    'bench': 'tests/ingest/test_shape.py',
    # manually, or with a cloud account
    'proof': None,
    'infra-up': None,
    'infra-down': None,
}


def _block(section: str, page: str = README) -> list[str]:
    """Return the commands of a section, without comments."""
    text = page.split(f'## {section}\n')[1].split('\n## ')[0]
    (block,) = re.findall(r'```sh\n(.*?)```', text, re.S)
    return [line.partition('  #')[0].strip() for line in block.splitlines()]


def test_readme_commands_track_real_companies(tmp_path: Path) -> None:
    """Run line by line in one shell; only GitHub is simulated."""
    contract = ROOT / 'docs' / 'contract-relations.md'
    script = '\n'.join(
        [
            *_block('Track real companies'),
            *_block('Build on it'),
            *_block('Use', contract.read_text('utf-8')),
        ]
    )
    script = script.replace('make install\n', '').replace('...', 'simulated')
    assert 'COMPANIES=jenkinsci,torvalds' in script
    assert script.count('.venv/bin/github-warehouse') == 8
    world = World.generate(
        parse_accounts('jenkinsci:9,torvalds:4:user'), today=date(2026, 3, 1)
    )
    with Simulator(world, tokens=('simulated',)) as simulator:
        done = subprocess.run(
            ['bash', '-eu', '-c', script.replace('.venv/bin/', '')],
            cwd=tmp_path,
            env={
                'PATH': f'{Path(sys.executable).parent}:{os.environ["PATH"]}',
                'HOME': str(tmp_path),
                'GITHUB_API_URL': simulator.url,
            },
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} >= {
        '.warehouse',
        'report.html',
        'trending.csv',
        'days.csv',
        'languages.jsonl.gz',
    }


def test_every_target_in_the_readme_is_tested() -> None:
    named = set(re.findall(r'\bmake ([a-z]+(?:-[a-z]+)*)', README))
    assert named - {'alone'} == set(TRIED)
    for target, place in TRIED.items():
        if place is not None:
            assert (ROOT / place).exists(), target


@pytest.mark.parametrize(
    'page', ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs']
)
def test_every_link_has_a_target(page: str) -> None:
    files = [ROOT / page] if page != 'docs' else (ROOT / 'docs').rglob('*.md')
    for file in files:
        for target in re.findall(r'\]\(([^)#\s]+)', file.read_text('utf-8')):
            if '://' not in target:
                assert (file.parent / target).exists(), f'{file}: {target}'


def test_every_card_in_the_readme_exists() -> None:
    cards = (
        ROOT / 'src/github_warehouse/dashboards/dashboards.toml'
    ).read_text('utf-8')
    section = README.split('## Questions')[1].split('## How')[0]
    for row in re.findall(r'^\| [A-Z].*\|$', section, re.M):
        for card in filter(None, row.split('|')[3].strip().split('; ')):
            first = card.split(',')[0].split(':')[0]
            assert f'title = "{first}' in cards, card


def test_every_path_in_the_readme_exists() -> None:
    section = README.split('## Developing')[1].split('## Deploying')[0]
    for name in re.findall(r'`([a-z_]+/[a-z_./]+)`', section):
        assert (ROOT / 'src' / 'github_warehouse' / name).exists() or (
            ROOT / name
        ).exists(), name
