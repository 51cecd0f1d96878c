"""Files of the cloud deployment that can be tested without AWS or GitHub."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from ruamel.yaml import YAML

from support import SHARED_DATA

ROOT = Path(__file__).parents[1]
INFRA = ROOT / 'scripts' / 'infra'
TFCHECK = SHARED_DATA.parent / 'tools' / 'terraform' / 'tfcheck.py'
USER_DATA = 'user_data.sh.tftpl'

_SECRET = re.compile(r'secrets|github\.token')

MUTATIONS = {
    'SSH from everywhere': (
        'main.tf',
        'cidr_ipv4         = each.value',
        'cidr_ipv4         = "0.0.0.0/0"',
    ),
    'the world accepted': (
        'variables.tf',
        'try(tonumber(split("/", cidr)[1]), 0) >= 16',
        'true',
    ),
    'an unencrypted data volume': (
        'main.tf',
        'encrypted         = true',
        'encrypted         = false',
    ),
    'an unencrypted root': (
        'main.tf',
        'encrypted   = true',
        'encrypted   = false',
    ),
    'IMDSv1': (
        'main.tf',
        'http_tokens                 = "required"',
        'http_tokens                 = "optional"',
    ),
    'a misspelt attribute': ('main.tf', 'ebs_optimized', 'ebs_optimised'),
    'a role that may close SSH to you': (
        'deploy.tf',
        'security-group/${aws_security_group.deploy[0].id}',
        'security-group/${aws_security_group.host.id}',
    ),
    'a deployment with a shell': (
        USER_DATA,
        'restrict,command="/data/github-warehouse/terraform/host/take" ',
        '',
    ),
    'a secret in user_data': (
        USER_DATA,
        'set -euo pipefail',
        'set -euo pipefail\nexport WAREHOUSE_PASSWORD=x',
    ),
}


def _has_grpc() -> bool:
    done = subprocess.run(
        [sys.executable, '-c', 'import grpc, hcl2'], capture_output=True
    )
    return done.returncode == 0


@pytest.fixture
def check(tmp_path: Path) -> object:
    """Run `terraform validate` and `test` on a copy, without a registry."""
    if not TFCHECK.exists():
        pytest.skip('needs ../shared/tools: the stand-in for AWS in Terraform')
    if shutil.which('terraform') is None or not _has_grpc():
        pytest.skip('needs terraform, grpcio and python-hcl2: not installed')
    copy = tmp_path / 'terraform'
    shutil.copytree(ROOT / 'terraform', copy)

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(TFCHECK), str(copy), '--schema']
            + [str(TFCHECK.parent / 'aws-schema.json'), '--terraform'],
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )

    return run


def test_terraform_is_valid_and_its_tests_pass(check: object) -> None:
    done = check()  # type: ignore[operator]
    assert done.returncode == 0, done.stdout + done.stderr
    assert '0 findings' in done.stdout
    assert re.search(r'Success! (\d+) passed, 0 failed', done.stdout)


@pytest.mark.parametrize('mutation', MUTATIONS)
def test_terraform_tests_find_each_error(
    check: object, tmp_path: Path, mutation: str
) -> None:
    name, right, wrong = MUTATIONS[mutation]
    file = tmp_path / 'terraform' / name
    text = file.read_text('utf-8')
    assert right in text
    file.write_text(text.replace(right, wrong), 'utf-8')
    done = check()  # type: ignore[operator]
    assert done.returncode != 0, done.stdout


def _infra(
    tmp_path: Path, *arguments: str, terraform: bool = True, **given: str
) -> subprocess.CompletedProcess[str]:
    commands = tmp_path / 'commands'
    commands.mkdir(exist_ok=True)
    for name in ('bash', 'dirname', 'env', 'date', 'mkdir', 'mktemp', 'rm'):
        found = shutil.which(name)
        if found and not (commands / name).exists():
            (commands / name).symlink_to(found)
    if terraform:
        (commands / 'terraform').write_text('#!/bin/sh\nexit 1\n')
        (commands / 'terraform').chmod(0o755)
    return subprocess.run(
        [str(INFRA), *arguments],
        env={'PATH': str(commands), 'HOME': str(tmp_path), **given},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ('given', 'terraform', 'message'),
    [
        ({}, False, 'terraform is not installed'),
        ({}, True, 'no AWS credentials'),
        ({'AWS_PROFILE': 'me'}, True, 'terraform.tfvars.example'),
    ],
)
def test_a_missing_cloud_tool_is_a_one_line_error(
    tmp_path: Path, given: dict[str, str], terraform: bool, message: str
) -> None:
    done = _infra(tmp_path, 'up', terraform=terraform, **given)
    assert done.returncode == 1
    assert message in done.stderr and len(done.stderr.splitlines()) == 1


def test_commands_without_a_host_are_refused(tmp_path: Path) -> None:
    for verb in ('ssh', 'metabase', 'logs', 'backup'):
        done = _infra(tmp_path, verb)
        assert done.returncode == 1 and 'there is no host' in done.stderr


def _workflows() -> Iterator[tuple[str, Any]]:
    for path in sorted((ROOT / '.github' / 'workflows').glob('*.yml')):
        yield path.name, YAML(typ='safe').load(path)


def test_secrets_are_passed_to_single_steps() -> None:
    """Other steps run third-party actions and packages."""
    given = {}
    for name, workflow in _workflows():
        for job_name, job in workflow['jobs'].items():
            for step in job.pop('steps', ()):
                if _SECRET.search(json.dumps(step)):
                    assert 'uses' not in step, name
                    given[f'{name}: {job_name}: {step["name"]}'] = sorted(
                        re.findall(r'secrets\.(\w+)', json.dumps(step))
                    )
        assert not _SECRET.search(json.dumps(workflow)), name
    assert given == {
        'cd.yml: deploy: Deploy': [
            'REMOTE_HOST',
            'REMOTE_USER',
            'SERVER_KNOWN_HOSTS',
            'SERVER_SSH_KEY',
        ],
        'freshness.yml: freshness: Check freshness and send alerts': [
            'ALERT_WEBHOOK_URL',
            'WAREHOUSE_URL',
        ],
        'ingest.yml: ingest: Migrate and ingest': [
            'ALERT_WEBHOOK_URL',
            'GH_PAT',
            'WAREHOUSE_MIGRATION_URL',
            'WAREHOUSE_URL',
        ],
        'ingest.yml: page: Render the page': ['WAREHOUSE_URL'],
        'ingest.yml: page: Push it to the branch gh-pages': [],
    }


def test_write_permissions_of_workflows_are_explained() -> None:
    may = {
        (name, job_name): job['permissions']
        for name, workflow in _workflows()
        for job_name, job in workflow['jobs'].items()
        if 'permissions' in job
    }
    assert may == {
        ('cd.yml', 'deploy'): {'contents': 'read', 'id-token': 'write'},
        ('ingest.yml', 'page'): {'contents': 'write'},
    }
    for name, workflow in _workflows():
        assert workflow['permissions'] == {'contents': 'read'}, name


def test_advisories_are_checked_every_week() -> None:
    (workflow,) = [w for name, w in _workflows() if name == 'advisories.yml']
    # YAML 1.1 parses the key `on` as true
    (schedule,) = (workflow.get('on') or workflow[True])['schedule']
    assert re.fullmatch(r'\d+ \d+ \* \* [0-6]', schedule['cron'])
    (job,) = workflow['jobs'].values()
    assert [step.get('run') for step in job['steps']][-1] == 'make advisories'
    makefile = (ROOT / 'Makefile').read_text('utf-8')
    recipe = makefile.split('\nadvisories:')[1].split('\n\n')[0]
    assert '--requirement requirements.lock' in recipe


def test_dependabot_updates_everything_pinned() -> None:
    proposed = YAML(typ='safe').load(ROOT / '.github' / 'dependabot.yml')
    assert {each['package-ecosystem'] for each in proposed['updates']} == {
        'docker',
        'docker-compose',
        'github-actions',
        'pip',
        'terraform',
    }


def test_the_lock_file_matches_pyproject() -> None:
    """Dependabot raises bounds in pyproject.toml, but not in the lock file."""
    project = tomllib.loads((ROOT / 'pyproject.toml').read_text('utf-8'))
    lock = (ROOT / 'requirements.lock').read_text('utf-8')
    pins = dict(re.findall(r'^([a-z0-9._-]+)==(\S+)', lock, re.M))
    hashed = re.findall(
        r'^([a-z0-9._-]+)==.*\\\n    --hash=sha256:', lock, re.M
    )
    assert list(pins) == hashed
    wanted = [
        *project['project']['dependencies'],
        *chain(*project['project']['optional-dependencies'].values()),
        *chain(*project['dependency-groups'].values()),
    ]
    for requirement in map(Requirement, wanted):
        if requirement.name != 'github-warehouse':
            assert requirement.specifier.contains(
                pins[requirement.name]
            ), f'{requirement}: run `make lock`'


def test_actions_are_pinned_and_scripts_contain_no_inputs() -> None:
    for path in (ROOT / '.github' / 'workflows').glob('*.yml'):
        text = path.read_text('utf-8')
        for used in re.findall(r'uses: (\S+)', text):
            assert used.startswith('./') or re.search(
                '@[0-9a-f]{40}$', used
            ), used
        for script in re.findall(
            r'run: (?:\|\n((?: {10}.*\n)+)|(.+)\n)', text
        ):
            assert '${{' not in ''.join(script)


@pytest.mark.parametrize(
    'missing', ['SERVER_SSH_KEY', 'SERVER_KNOWN_HOSTS', 'REMOTE_HOST']
)
def test_a_deploy_without_a_secret_is_refused(missing: str) -> None:
    given = {
        'SERVER_SSH_KEY': 'key',
        'SERVER_KNOWN_HOSTS': 'host key',
        'REMOTE_HOST': '127.0.0.1',
        'REMOTE_USER': 'ubuntu',
        'COMMIT': '0' * 40,
    }
    done = subprocess.run(
        [str(ROOT / 'scripts' / 'deploy')],
        env={'PATH': os.environ['PATH'], **given, missing: ''},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and missing in done.stderr
