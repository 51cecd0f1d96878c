"""Settings that protect the data sent to GitHub."""

from pathlib import Path

import pytest

from github_warehouse.config import read_settings
from github_warehouse.errors import SettingsError
from github_warehouse.warehouse.connection import open_warehouse


@pytest.mark.parametrize(
    'url',
    [
        'http://ghe.example/api/v3',
        'http://api.github.com',
        'HTTP://GHE.example',
        'http://10.0.0.7:8080',
        'http://0.0.0.0:8080',
        'http://[fe80::1]',
        'http://[2001:db8::1]:8080',
        'http://localhost.example',
        'http://127.0.0.1.example',
        'http://127.1:8080',
        'http://github:8080',
        'http://github.localhost',
    ],
)
@pytest.mark.parametrize('token', [{}, {'GITHUB_TOKEN': 'simulated-token'}])
def test_http_to_another_machine_is_refused_unless_allowed(
    url: str, token: dict[str, str]
) -> None:
    with pytest.raises(SettingsError, match='in the clear') as refused:
        read_settings({'GITHUB_API_URL': url, **token})
    assert 'GITHUB_API_INSECURE=on' in str(refused.value)
    assert '\n' not in str(refused.value)
    with pytest.raises(SettingsError, match='in the clear'):
        read_settings(
            {'GITHUB_API_URL': url, 'GITHUB_API_INSECURE': 'off', **token}
        )
    allowed = {'GITHUB_API_URL': url, 'GITHUB_API_INSECURE': 'on', **token}
    assert read_settings(allowed).api_url == url


@pytest.mark.parametrize(
    'url',
    [
        'http://127.0.0.1:8080',
        'http://127.8.9.1',
        'http://localhost:8080/api/v3',
        'http://LocalHost.:8080',
        'http://[::1]:8080',
        'https://ghe.example/api/v3',
    ],
)
def test_localhost_and_https_need_no_permission(url: str) -> None:
    assert read_settings({'GITHUB_API_URL': url}).api_url == url


@pytest.mark.parametrize('value', ['', 'true', 'ON', '1'])
def test_github_api_insecure_is_on_or_off(value: str) -> None:
    with pytest.raises(SettingsError, match='GITHUB_API_INSECURE'):
        read_settings({'GITHUB_API_INSECURE': value})


@pytest.mark.parametrize(
    'url',
    [
        # urllib3 would connect to evil.example
        'http://evil.example\\.localhost',
        'http://evil.example\\@localhost',
        'https://ghe..example',
        f'https://{"a" * 64}.example',
        'https://ghe.example:80 ',
        'https://g he.example',
        'https://ghe%2eexample',
    ],
)
@pytest.mark.parametrize('name', ['GITHUB_API_URL', 'ALERT_WEBHOOK_URL'])
def test_a_url_whose_host_is_unclear_is_refused(name: str, url: str) -> None:
    with pytest.raises(SettingsError, match=f'^{name} must be '):
        read_settings({name: f'{url}/api', 'GITHUB_API_INSECURE': 'on'})


@pytest.mark.parametrize(
    'urls',
    [
        (
            'postgresql://u@/warehouse?host=/run/one',
            'postgresql://u@/warehouse?host=/run/two',
            'postgresql://u@/warehouse?host=/run/one&port=5433',
            'postgresql://u@/warehouse',
            'postgresql://u@/other?host=/run/one',
        ),
        (
            'postgresql://u@db.example/warehouse',
            'postgresql://u@db.example:5433/warehouse',
            'postgresql://u@db2.example/warehouse',
        ),
    ],
)
def test_each_warehouse_has_a_lock_of_its_own(urls: tuple[str, ...]) -> None:
    assert len({_lock_file(url) for url in urls}) == len(urls)


def test_a_warehouse_has_one_lock_however_it_is_written() -> None:
    urls = (
        'postgresql://a:b@db.example:5432/warehouse',
        'postgres://c@DB.example/warehouse?sslmode=require',
        'postgresql://c@/warehouse?host=db.example',
    )
    assert len({_lock_file(url) for url in urls}) == 1


def _lock_file(url: str) -> Path:
    with open_warehouse(read_settings({'WAREHOUSE_URL': url})) as warehouse:
        return warehouse.lock_file
