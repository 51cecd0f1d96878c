"""`make up` that cannot start prints a one-line error and does nothing."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from compose_stack import Stack, free_port

pytestmark = pytest.mark.stack


def _refusal(stack: Stack, **environment: str) -> str:
    done = stack.run('scripts/up', **environment)
    assert done.returncode == 1, done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith('stack: '), done.stderr
    return lines[0]


@pytest.fixture
def fresh(new_stack: Stack, tmp_path: Path) -> Stack:
    """Another stack that has not been started, in a separate folder."""
    folder = tmp_path / 'project'
    subprocess.run(
        ['cp', '-R', str(new_stack.folder), str(folder)], check=True
    )
    subprocess.run(['rm', '-rf', str(folder / '.demo-stack')], check=True)
    return Stack(
        folder,
        new_stack.environment
        | {
            'COMPOSE_PROJECT_NAME': f'{new_stack.project}-{free_port()}',
            'WAREHOUSE_PUBLISHED_PORT': str(free_port()),
            'DASHBOARD_PUBLISHED_PORT': str(free_port()),
        },
    )


def _put_first(stack: Stack, tmp_path: Path, name: str, script: str) -> str:
    folder = tmp_path / 'bin'
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f'#!/bin/sh\n{script}\n')
    (folder / name).chmod(0o755)
    return f'{folder}{os.pathsep}{stack.environment["PATH"]}'


def test_a_stopped_docker_is_reported(fresh: Stack) -> None:
    output = _refusal(fresh, DOCKER_HOST='unix:///nonexistent.sock')
    assert 'Docker does not answer' in output and 'start it' in output
    assert not (fresh.folder / '.demo-stack').exists()


def test_compose_v1_is_refused(fresh: Stack, tmp_path: Path) -> None:
    _put_first(fresh, tmp_path, 'docker-compose', 'exit 0')
    path = _put_first(fresh, tmp_path, 'docker', 'exit 1')
    assert 'Compose v1' in _refusal(fresh, PATH=path)


def test_an_old_compose_is_refused(fresh: Stack, tmp_path: Path) -> None:
    path = _put_first(
        fresh, tmp_path, 'docker', 'echo Docker Compose version v2.17.3'
    )
    assert 'v2.17.3' in _refusal(fresh, PATH=path)


def test_a_port_in_use_is_reported(fresh: Stack) -> None:
    with socket.create_server(('127.0.0.1', 0)) as listener:
        port = str(listener.getsockname()[1])
        output = _refusal(fresh, DASHBOARD_PUBLISHED_PORT=port)
    assert port in output and 'DASHBOARD_PUBLISHED_PORT' in output


@pytest.mark.parametrize('value', ['a$b', "a'b", 'a"b', 'a b', 'a#b', 'a\\b'])
def test_a_secret_that_compose_would_change_is_refused(
    fresh: Stack, value: str
) -> None:
    own = fresh.folder / '.demo-stack/env.local'
    own.parent.mkdir()
    own.write_text(f'WAREHOUSE_PASSWORD={value}\n')
    output = _refusal(fresh)
    assert 'WAREHOUSE_PASSWORD' in output and value not in output


def test_a_line_that_is_not_a_setting_is_refused(fresh: Stack) -> None:
    own = fresh.folder / '.demo-stack/env.local'
    own.parent.mkdir()
    own.write_text('# mine\nexport COMPANIES=psf\n')
    assert 'line 2' in _refusal(fresh)


def test_a_lost_env_local_with_an_existing_volume_is_reported(
    fresh: Stack,
) -> None:
    volume = f'{fresh.project}_warehouse'
    _write_version(fresh, volume, '18/docker', 18)
    try:
        output = _refusal(fresh)
    finally:
        fresh.check('docker', 'volume', 'rm', volume)
    assert 'env.local is lost' in output and volume in output


@pytest.mark.parametrize('place', ['17/docker', 'data', '.'])
def test_a_volume_of_another_major_version_is_refused(
    fresh: Stack, place: str
) -> None:
    volume = f'{fresh.project}_warehouse'
    _write_version(fresh, volume, place, 17)
    try:
        output = _refusal(fresh)
    finally:
        fresh.check('docker', 'volume', 'rm', volume)
    assert 'PostgreSQL 17' in output and 'postgres:18' in output


@pytest.mark.parametrize('port', ['0', 'abc', '65536', '08'])
def test_an_invalid_port_is_reported(fresh: Stack, port: str) -> None:
    output = _refusal(fresh, WAREHOUSE_PUBLISHED_PORT=port)
    assert 'port' in output.lower() and port in output


def test_one_port_for_both_services_is_refused(fresh: Stack) -> None:
    port = fresh.environment['DASHBOARD_PUBLISHED_PORT']
    assert 'the same' in _refusal(fresh, WAREHOUSE_PUBLISHED_PORT=port)


@pytest.mark.parametrize('token', ['ghp_a\nghp_b', 'ghp_a$b', 'a, b'])
def test_an_invalid_token_in_the_shell_is_refused(
    fresh: Stack, token: str
) -> None:
    output = _refusal(fresh, STACK='', GITHUB_TOKEN=token)
    assert 'GITHUB_TOKEN of the shell' in output and token not in output
    assert not (fresh.folder / 'env.local').exists()


def test_an_encryption_key_that_metabase_refuses_is_reported(
    fresh: Stack,
) -> None:
    own = fresh.folder / '.demo-stack/env.local'
    own.parent.mkdir()
    own.write_text('METABASE_ENCRYPTION_KEY=short')
    output = _refusal(fresh)
    assert 'shorter than 16' in output


def test_an_empty_setting_is_refused(fresh: Stack) -> None:
    own = fresh.folder / '.demo-stack/env.local'
    own.parent.mkdir()
    own.write_text('RETENTION_DAYS=\n')
    assert 'RETENTION_DAYS is empty' in _refusal(fresh)


def test_a_target_before_the_first_start_is_refused(fresh: Stack) -> None:
    for target in ('start-etl', 'warehouse-migration'):
        done = fresh.run('make', '--no-print-directory', target)
        assert done.returncode and 'make up' in done.stderr


def _write_version(
    fresh: Stack, volume: str, place: str, version: int
) -> None:
    fresh.check(
        *('docker', 'run', '--rm', '--user', '0', '--entrypoint', 'sh'),
        *('--volume', f'{volume}:/v', 'postgres:18', '-c'),
        f'mkdir -p /v/{place} && echo {version} >/v/{place}/PG_VERSION',
    )
