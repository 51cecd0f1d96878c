"""Settings that protect the data sent to GitHub."""

import pytest

from github_warehouse.config import read_settings
from github_warehouse.errors import SettingsError


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
        'http://github.localhost',
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
