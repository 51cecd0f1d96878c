"""Files of the stack that can be tested without a container engine."""

import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from github_warehouse.config import read_settings
from github_warehouse.errors import SettingsError

ROOT = Path(__file__).parents[1]
COMPOSE = (ROOT / 'docker-compose.yml').read_text('utf-8')


def _pins(lock: str) -> set[str]:
    text = (ROOT / lock).read_text('utf-8')
    return set(re.findall(r'^([a-z0-9._-]+==\S+)', text, re.M))


def test_cron_accepts_the_crontab() -> None:
    """Cron logs that it ignores neither the file nor a job."""
    crontab = (ROOT / 'scheduler' / 'ingest').read_text('utf-8')
    assert crontab.endswith('\n')
    job, look = [
        line
        for line in crontab.splitlines()
        if line and not line.startswith('#')
    ]
    assert look.split(maxsplit=6) == [
        *('30', '*', '*', '*', '*', 'root'),
        '/usr/local/bin/github-warehouse status --alert'
        ' >/dev/null 2>/proc/1/fd/2',
    ]
    minute, hour, *every, user, command = job.split(maxsplit=6)
    assert (minute, hour, every, user) == ('0', '2', ['*'] * 3, 'root')
    assert command.startswith('/usr/local/bin/github-warehouse ingest ')
    assert '%' not in job and '=' not in job
    assert '>/proc/1/fd/1 2>/proc/1/fd/2' in command


def test_every_port_is_on_loopback_and_no_name_is_fixed() -> None:
    ports = re.findall(r'ports: \["(.*)"\]', COMPOSE)
    assert len(ports) == 2
    assert all(port.startswith('127.0.0.1:') for port in ports)
    assert 'container_name' not in COMPOSE


def test_only_the_demo_allows_http_to_its_github() -> None:
    demo = (ROOT / 'containers' / 'demo-stack.env').read_text('utf-8')
    settings = dict(re.findall(r'^([A-Z_]+)=(.*)$', demo, re.M))
    assert read_settings(settings).api_url == 'http://github:8080'
    del settings['GITHUB_API_INSECURE']
    with pytest.raises(SettingsError, match='in the clear'):
        read_settings(settings)
    assert 'GITHUB_API_INSECURE:\n' in COMPOSE
    assert '\nGITHUB_API_INSECURE' not in (ROOT / 'env').read_text('utf-8')


def test_metabase_is_pinned_and_does_not_use_h2() -> None:
    assert re.search(r'image: metabase/metabase:v0\.\d+\.\d+$', COMPOSE, re.M)
    assert 'MB_DB_TYPE: postgres' in COMPOSE


def test_every_container_is_read_only_and_has_no_capability() -> None:
    """Except cron, which runs its jobs as another user."""
    services = YAML(typ='safe').load(COMPOSE)['services']
    assert len(services) == 7
    for name, service in services.items():
        assert service['cap_drop'] == ['ALL'], name
        assert service['read_only'] is True, name
        assert service['security_opt'] == ['no-new-privileges:true'], name
        assert 'privileged' not in service, name
        assert service['pids_limit'] > 0, name
    added = {n: s['cap_add'] for n, s in services.items() if 'cap_add' in s}
    assert added == {'pipelinerunner': ['SETUID', 'SETGID']}


@pytest.mark.parametrize('name', ['runtime', 'simulator'])
def test_the_images_use_the_versions_of_the_lock_file(name: str) -> None:
    pins = _pins(f'containers/pipelinerunner/{name}.lock')
    assert len(pins) > 10
    assert pins <= _pins('requirements.lock')


def test_an_empty_secret_file_is_not_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = runpy.run_path(
        str(ROOT / 'containers' / 'pipelinerunner' / 'run_as_app.py')
    )
    (tmp_path / 'GITHUB_TOKEN').write_text('')
    (tmp_path / 'WAREHOUSE_PASSWORD').write_text('s1-x\n')
    monkeypatch.setitem(module['secrets'].__globals__, 'SECRETS', tmp_path)
    assert module['secrets']() == {'WAREHOUSE_PASSWORD': 's1-x'}


def test_a_new_migration_is_created_with_its_rollback(
    tmp_path: Path,
) -> None:
    shutil.copy(ROOT / 'Makefile', tmp_path)
    shutil.copytree(ROOT / 'migrations', tmp_path / 'migrations')
    newest = max(
        path.stem
        for path in (tmp_path / 'migrations').glob('*[a-z].sql')
        if not path.stem.endswith('.rollback')
    )
    made = subprocess.run(
        ['make', '--no-print-directory', 'db-migration'],
        cwd=tmp_path,
        input='Add the topics, of repositories!\n',
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    number = int(newest.partition('.')[0]) + 1
    name = f'{number:04}.add_the_topics_of_repositories'
    written = (tmp_path / 'migrations' / f'{name}.sql').read_text()
    assert written.splitlines()[:2] == [
        f'-- depends: {newest}',
        '-- Add the topics, of repositories!',
    ]
    assert (tmp_path / 'migrations' / f'{name}.rollback.sql').exists()
    nothing = subprocess.run(
        ['make', 'db-migration'],
        cwd=tmp_path,
        input='!\n',
        capture_output=True,
        text=True,
    )
    assert nothing.returncode and 'few words' in nothing.stderr
