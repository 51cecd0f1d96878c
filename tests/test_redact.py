"""Secrets are recognized and hidden in any text."""

import io
import json

import pytest
import structlog

from github_warehouse.config import read_settings
from github_warehouse.environment import Reader
from github_warehouse.errors import SettingsError, WarehouseError
from github_warehouse.logs import configure_logs
from github_warehouse.redact import looks_like_a_token, redact

# Invented, in the format of an installation token since 2026-04-27.
APP_TOKEN = 'ghs_1234567_' + '.'.join(
    ('eyJhbGciOiJSUzI1NiJ9', 'eyJ' + 'aB3-_' * 80, 'c2ln-_' * 10)
)


@pytest.mark.parametrize(
    ('text', 'shown'),
    [
        (APP_TOKEN, '[secret]'),
        (f'Bearer {APP_TOKEN}, refused.', 'Bearer [secret], refused.'),
        (f'refused {APP_TOKEN}. Next', 'refused [secret]. Next'),
        (f'https://x:{APP_TOKEN}@github.com', 'https://x:[secret]@github.com'),
        (repr(f'a\n{APP_TOKEN}'), repr('a\n[secret]')),
        (f'token%20{APP_TOKEN}', 'token%20[secret]'),
        ('ghp_' + 'a1' * 18, '[secret]'),
        ('github_pat_11ABCDEFG_' + 'a1' * 30, '[secret]'),
        ('laughs_and_giggles', 'laughs_and_giggles'),
        ('postgresql://u:pw@h/d', 'postgresql://u:[secret]@h/d'),
        ('http://127.0.0.1:80/a/@b', 'http://127.0.0.1:80/a/@b'),
        ('?password=pw&sslmode=x', '?password=[secret]&sslmode=x'),
        ("user=u password='p w' host=h", 'user=u password=[secret] host=h'),
    ],
)
def test_text_that_looks_like_a_secret_is_hidden(
    text: str, shown: str
) -> None:
    assert redact(text) == shown


def test_an_app_token_is_not_a_login() -> None:
    assert looks_like_a_token(APP_TOKEN)
    assert not looks_like_a_token('laughs-and-giggles')


@pytest.mark.parametrize(
    ('settings', 'secrets'),
    [
        (
            {'WAREHOUSE_URL': 'postgresql://u:one%2Fsecret%40@h/d'},
            ('one/secret@', 'one%2Fsecret%40'),
        ),
        (
            {'WAREHOUSE_URL': 'postgresql://u:two%2fsecrets@h/d'},
            ('two/secrets', 'two%2fsecrets', 'two%2Fsecrets'),
        ),
        (
            {'WAREHOUSE_URL': 'postgresql://u@h/d?password=three%21secrets'},
            ('three!secrets', 'three%21secrets'),
        ),
        (
            {
                'WAREHOUSE_URL': 'postgresql://u@h/d',
                'WAREHOUSE_MIGRATION_URL': 'postgresql://u:four-secrets@h/d',
            },
            ('four-secrets',),
        ),
        (
            {
                'WAREHOUSE_HOST': 'h',
                'WAREHOUSE_PORT': '5432',
                'WAREHOUSE_DB': 'd',
                'WAREHOUSE_USER': 'u',
                'WAREHOUSE_PASSWORD': 'five "secréts"\\',
            },
            (
                'five "secréts"\\',
                'five%20%22secr%C3%A9ts%22%5C',
                json.dumps('five "secréts"\\')[1:-1],
                repr('five "secréts"\\')[1:-1],
            ),
        ),
    ],
)
def test_a_password_in_the_settings_is_hidden(
    settings: dict[str, str], secrets: tuple[str, ...]
) -> None:
    read_settings(settings)
    for secret in secrets:
        assert str(WarehouseError(f'no, {secret}!')) == 'no, [secret]!'


@pytest.mark.parametrize('odd', ['p%00w', 'longer%00password', 'p%ffw'])
@pytest.mark.parametrize(
    'url', ['postgresql://u:{}@h/d', 'postgresql://h/d?password={}']
)
def test_a_password_with_invalid_characters_is_refused_and_hidden(
    url: str, odd: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings({'WAREHOUSE_URL': url.format(odd)})
    assert 'WAREHOUSE_URL is not a PostgreSQL URL' in str(raised.value)
    assert odd not in str(raised.value)


def test_a_truncated_token_is_hidden() -> None:
    read_settings({'GITHUB_TOKEN': 'odd-token-' + 'x' * 80})
    with pytest.raises(SettingsError) as raised:
        Reader({'N': 'odd-token-' + 'x' * 80}).integer('N', 1, 0, 9)
    assert 'odd-token' not in str(raised.value)


@pytest.mark.parametrize('log_format', ['console', 'json'])
def test_log_values_of_any_type_are_redacted(log_format: str) -> None:
    lines = io.StringIO()
    configure_logs(log_format, lines)
    try:
        raise ValueError(f'refused\n{APP_TOKEN}')
    except ValueError as error:
        structlog.get_logger().error(
            'failed',
            exc_info=True,
            error=error,
            listed=[APP_TOKEN, {'name': (APP_TOKEN,), 'number': 1}],
            number=2,
            raw=APP_TOKEN.encode(),
        )
    finally:
        structlog.reset_defaults()
    output = lines.getvalue()
    assert 'ValueError' in output
    assert 'eyJ' not in output
    assert output.count('[secret]') == 5
    if log_format == 'json':
        line = json.loads(output)
        assert line['listed'] == [
            '[secret]',
            {'name': ['[secret]'], 'number': 1},
        ]
        assert line['number'] == 2
