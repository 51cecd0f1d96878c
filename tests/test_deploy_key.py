"""The SSH key of cd.yml can deploy a commit on main, and nothing else."""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from compose_stack import free_port

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / 'terraform' / 'user_data.sh.tftpl'
SSHD = shutil.which('sshd') or '/usr/sbin/sshd'


def _git(folder: Path, *arguments: str) -> str:
    identity = ('-c', 'user.name=test', '-c', 'user.email=test@example.org')
    return subprocess.run(
        ['git', *identity, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def _commit(folder: Path, message: str) -> str:
    _git(folder, 'commit', '--quiet', '--allow-empty', '-m', message)
    return _git(folder, 'rev-parse', 'HEAD')


@pytest.fixture
def commits(tmp_path: Path) -> dict[str, str]:
    """A repository `origin`, cloned into `host` before its last commit."""
    if shutil.which('git') is None:
        pytest.skip('needs git: the key takes commits')
    origin = tmp_path / 'origin'
    scripts = origin / 'terraform' / 'host'
    scripts.mkdir(parents=True)
    shutil.copy2(ROOT / 'terraform' / 'host' / 'take', scripts)
    (scripts / 'deploy').write_text(
        '#!/bin/sh\necho "started with $(git rev-parse HEAD)"\n'
    )
    (scripts / 'deploy').chmod(0o755)
    _git(origin, 'init', '--quiet', '--initial-branch', 'main')
    _git(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true')
    _git(origin, 'add', '.')
    made = {'first': _commit(origin, 'first')}
    _git(tmp_path, 'clone', '--quiet', 'origin', 'host')
    made['pushed'] = _commit(origin, 'pushed')
    _git(origin, 'checkout', '--quiet', '-b', 'elsewhere')
    made['of a branch'] = _commit(origin, 'of a branch')
    _git(origin, 'checkout', '--quiet', 'main')
    return made


def _deploy(
    tmp_path: Path, requested: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / 'terraform' / 'host' / 'take')],
        env={
            'PATH': os.environ['PATH'],
            'WAREHOUSE_CHECKOUT': str(tmp_path / 'host'),
            'SSH_ORIGINAL_COMMAND': requested,
        },
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize('which', ['first', 'pushed'])
def test_a_commit_on_main_is_deployed(
    tmp_path: Path, commits: dict[str, str], which: str
) -> None:
    done = _deploy(tmp_path, commits[which])
    assert done.stdout == f'started with {commits[which]}\n', done.stderr


@pytest.mark.parametrize(
    'requested',
    [
        '',
        'id',
        'bash -s',
        'main',
        'HEAD',
        '0' * 40,
        '--upload-pack=id',
        '{pushed}; id',
        '{pushed}\nid',
        '{of a branch}',
    ],
)
def test_no_other_commit_is_deployed(
    tmp_path: Path, commits: dict[str, str], requested: str
) -> None:
    done = _deploy(tmp_path, requested.format(**commits))
    assert (done.returncode, done.stdout) == (2, '')
    assert done.stderr.startswith('take: ')
    assert len(done.stderr.splitlines()) == 1
    assert _git(tmp_path / 'host', 'rev-parse', 'HEAD') == commits['first']


@pytest.fixture
def server(
    tmp_path: Path, commits: dict[str, str]
) -> Iterator[dict[str, str]]:
    """The environment of `scripts/deploy` for a real sshd as in user_data."""
    if not Path(SSHD).exists() or not shutil.which('ssh'):
        pytest.skip('needs ssh and sshd: not installed')
    for name in ('host-key', 'key'):
        subprocess.run(
            ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', name],
            cwd=tmp_path,
            check=True,
        )
    (options,) = re.findall(
        r"echo '(restrict,\S+) \$\{deploy_public_key\}'", TEMPLATE.read_text()
    )
    options = options.replace(
        '"/data/github-warehouse/',
        f'"WAREHOUSE_CHECKOUT={tmp_path}/host {tmp_path}/host/',
    )
    public = (tmp_path / 'key.pub').read_text()
    (tmp_path / 'authorized_keys').write_text(f'{options} {public}')
    port = free_port()
    (tmp_path / 'sshd_config').write_text(
        f'ListenAddress 127.0.0.1:{port}\nHostKey {tmp_path}/host-key\n'
        f'AuthorizedKeysFile {tmp_path}/authorized_keys\nPidFile none\n'
        'StrictModes no\nUsePAM no\nPasswordAuthentication no\n'
        'PermitRootLogin prohibit-password\n'
        'Subsystem sftp internal-sftp\n'
    )
    if os.getuid() == 0:
        Path('/run/sshd').mkdir(exist_ok=True)
    process = subprocess.Popen(
        [SSHD, '-D', '-e', '-f', str(tmp_path / 'sshd_config')],
        stderr=subprocess.DEVNULL,
    )
    host_key = (tmp_path / 'host-key.pub').read_text()
    try:
        _wait_for(port)
        yield {
            'PATH': os.environ['PATH'],
            'HOME': str(tmp_path),
            'SERVER_SSH_KEY': (tmp_path / 'key').read_text(),
            'SERVER_KNOWN_HOSTS': f'[127.0.0.1]:{port} {host_key}',
            'REMOTE_HOST': '127.0.0.1',
            'REMOTE_USER': pwd.getpwuid(os.getuid()).pw_name,
            'REMOTE_PORT': str(port),
        }
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(port: int) -> None:
    until = monotonic() + 10
    while subprocess.run(
        ['ssh-keyscan', '-p', str(port), '127.0.0.1'], capture_output=True
    ).returncode:
        assert monotonic() < until, 'sshd does not start'
        sleep(0.1)


def test_the_workflow_deploys_through_a_real_sshd(
    server: dict[str, str], commits: dict[str, str]
) -> None:
    done = subprocess.run(
        [str(ROOT / 'scripts' / 'deploy')],
        env=server | {'COMMIT': commits['pushed']},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f'started with {commits["pushed"]}\n'


@pytest.mark.parametrize(
    'requested',
    [
        ('ssh', 'TARGET', 'id'),
        ('ssh', '-tt', 'TARGET'),
        ('ssh', '-N', '-o', 'ExitOnForwardFailure=yes')
        + ('-R', '0:127.0.0.1:22', 'TARGET'),
        ('ssh', '-W', '127.0.0.1:PORT', 'TARGET'),
        ('sftp', '-b', '/dev/null', 'TARGET'),
    ],
)
def test_the_key_allows_no_shell_no_files_and_no_forwarding(
    server: dict[str, str], tmp_path: Path, requested: tuple[str, ...]
) -> None:
    known = tmp_path / 'known_hosts'
    known.write_text(server['SERVER_KNOWN_HOSTS'])
    program, *arguments = (
        each.replace('TARGET', f'{server["REMOTE_USER"]}@127.0.0.1').replace(
            'PORT', server['REMOTE_PORT']
        )
        for each in requested
    )
    done = subprocess.run(
        [program, '-i', str(tmp_path / 'key'), '-o', 'IdentitiesOnly=yes']
        + ['-o', f'Port={server["REMOTE_PORT"]}', '-o', 'BatchMode=yes']
        + ['-o', f'UserKnownHostsFile={known}', *arguments],
        env={'PATH': server['PATH'], 'HOME': str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode != 0
    assert 'uid=' not in done.stdout and 'SSH-2.0' not in done.stdout
    assert re.search(
        'take: only a commit|forwarding failed|administratively prohibited'
        '|PTY allocation request failed|Connection closed',
        done.stderr + done.stdout,
    ), done.stderr
