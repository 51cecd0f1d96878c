"""The first boot of the cloud host, tested in containers."""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from compose_stack import Stack

pytestmark = pytest.mark.stack
ROOT = Path(__file__).parents[2]
VOLUME = 'vol0123456789abcdef0'
VALUES = {
    'project': 'github-warehouse',
    'region': 'us-east-1',
    'companies': 'pallets,psf',
    'repository_url': 'https://github.com/example/github-warehouse',
    'repository_ref': 'main',
    'deploy_public_key': '',
    'volume_id': VOLUME,
}
FAKED = (
    *('apt-get', 'blkid', 'curl', 'git', 'install', 'mkfs.ext4', 'mount'),
    *('mountpoint', 'mv', 'sudo', 'usermod'),
)


def rendered() -> str:
    """The script as rendered by Terraform; it has no other variables."""
    template = (ROOT / 'terraform' / 'user_data.sh.tftpl').read_text('utf-8')
    text = re.sub(r'\$\{(\w+)\}', lambda found: VALUES[found[1]], template)
    assert '${' not in text
    return text


def _boot(folder: Path, **codes: int) -> str:
    """Boot with commands that only print their arguments."""
    commands = folder / 'commands'
    commands.mkdir(parents=True)
    for name in FAKED:
        code = codes.get(name.replace('-', '_').partition('.')[0], 0)
        (commands / name).write_text(
            f'#!/bin/sh\necho "> {name} $*"\nexit {code}\n'
        )
        (commands / name).chmod(0o755)
    script = folder / 'user_data.sh'
    script.write_text(rendered())
    device = f'/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{VOLUME}'
    return subprocess.run(
        ['docker', 'run', '--rm', '--network', 'none', '--entrypoint', 'bash']
        + ['--volume', f'{folder}:/boot-test:ro', 'python:3.13-slim', '-c']
        + [
            f'mkdir -p /dev/disk/by-id /etc/apt/sources.list.d'
            f' && touch {device} && PATH=/boot-test/commands:$PATH'
            ' bash /boot-test/user_data.sh; echo "code $?"; cat /etc/motd'
            ' /etc/github-warehouse /etc/docker/daemon.json /etc/fstab'
            ' /etc/systemd/system/docker.service.d/data.conf'
        ],
        capture_output=True,
        text=True,
    ).stdout


def test_the_first_boot_ends_with_the_deploy(tmp_path: Path) -> None:
    output = _boot(tmp_path / 'boot', blkid=2, mountpoint=1)
    steps = re.findall(r'^> (\S+)', output, re.M)
    assert steps == [
        *('mkfs.ext4', 'mountpoint', 'mount', 'apt-get', 'apt-get', 'curl'),
        *('apt-get', 'apt-get', 'usermod', 'install', 'sudo', 'mv'),
        *('sudo', 'sudo', 'sudo'),
    ]
    assert 'deploy' in output.rpartition('> sudo')[2].splitlines()[0]
    assert 'code 0' in output and 'the stack is healthy' in output
    assert "COMPANIES='pallets,psf'" in output
    assert '"data-root": "/data/docker"' in output
    assert 'RequiresMountsFor=/data' in output
    assert 'LABEL=warehouse-data /data ext4' in output


def test_a_volume_with_data_is_not_formatted(tmp_path: Path) -> None:
    output = _boot(tmp_path / 'boot', blkid=0, mountpoint=0)
    assert 'mkfs' not in output and '> mount ' not in output
    assert 'code 0' in output


def test_an_unreadable_volume_is_not_formatted(
    tmp_path: Path,
) -> None:
    output = _boot(tmp_path / 'boot', blkid=8)
    assert 'mkfs' not in output and 'code 1' in output
    assert 'cannot be determined' in output


@pytest.mark.parametrize('command', ['apt_get', 'curl', 'sudo', 'mount'])
def test_a_failed_step_names_its_log_file(
    tmp_path: Path, command: str
) -> None:
    output = _boot(tmp_path / 'boot', mountpoint=1, **{command: 7})
    assert 'code 7' in output
    assert 'FAILED (exit code 7): see /var/log/github-warehouse-boot' in output


def test_the_host_reads_its_settings_from_ssm_and_starts_the_stack(
    stack: Stack, tmp_path: Path
) -> None:
    """moto provides SSM; the stack is the demo's, with its own images."""
    if not (find_spec('moto') and find_spec('boto3')):
        pytest.skip('needs moto and boto3: they stand in for AWS')
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        given = {
            'AWS_ENDPOINT_URL': f'http://{host}:{port}',
            'AWS_ACCESS_KEY_ID': 'of-the-test',
            'AWS_SECRET_ACCESS_KEY': 'of-the-test',
            'WAREHOUSE_HOST_FILE': str(tmp_path / 'host'),
        }
        (tmp_path / 'host').write_text(
            "PROJECT='github-warehouse'\nREGION='us-east-1'\n"
            "COMPANIES='pallets'\n"
        )
        client = boto3.client(
            'ssm',
            region_name='us-east-1',
            endpoint_url=given['AWS_ENDPOINT_URL'],
            aws_access_key_id='of-the-test',
            aws_secret_access_key='of-the-test',
        )
        for name, value in (
            ('/github-warehouse/GITHUB_TOKEN', 'ghp_of_the_test'),
            ('/github-warehouse/RETENTION_DAYS', '60'),
            ('/another/GITHUB_TOKEN', 'not ours'),
        ):
            client.put_parameter(Name=name, Value=value, Type='SecureString')
        own = stack.folder / 'env.local'
        own.write_text(
            'RETENTION_DAYS=30\nCOMPANIES=old\nSWEEP_EVERY_DAYS=3\n'
        )
        output = stack.check('terraform/host/deploy', **given)
        lines = own.read_text().splitlines()
    finally:
        server.stop()
        (stack.folder / 'env.local').unlink(missing_ok=True)
    assert lines == [
        'SWEEP_EVERY_DAYS=3',
        'COMPANIES=pallets',
        'GITHUB_TOKEN=ghp_of_the_test',
        'RETENTION_DAYS=60',
    ]
    assert 'is up and healthy' in output
    assert 'ghp_of_the_test' not in output
