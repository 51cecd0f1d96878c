"""The dashboard commands, run in separate processes."""

from pathlib import Path

import pytest

from cli.conftest import Command, command  # noqa: F401
from simulated import Runs

ADMINISTRATOR = {
    'METABASE_ADMIN_EMAIL': 'admin@x.example',
    'METABASE_ADMIN_PASSWORD': 's1-unused',
}
SERVER = 'postgresql://reader:s1-unused@127.0.0.1:1/warehouse'


@pytest.mark.parametrize(
    ('given', 'message'),
    [
        ({**ADMINISTRATOR}, 'no PostgreSQL server is set'),
        (
            {**ADMINISTRATOR, 'WAREHOUSE_URL': f'{SERVER}?sslmod=x'},
            'not a PostgreSQL URL',
        ),
        ({'WAREHOUSE_URL': SERVER}, 'METABASE_ADMIN_EMAIL is not set'),
        (
            {'WAREHOUSE_URL': SERVER, 'METABASE_ADMIN_EMAIL': 'a@x.example'},
            'METABASE_ADMIN_PASSWORD is not set',
        ),
        (
            {**ADMINISTRATOR, 'WAREHOUSE_URL': SERVER, 'METABASE_URL': 'x'},
            'METABASE_URL must be the root URL of an API',
        ),
    ],
)
def test_missing_settings_for_publishing_are_a_one_line_error(
    command: Command,  # noqa: F811
    given: dict[str, str],
    message: str,
) -> None:
    done = command('dashboards', 'publish', **given)
    assert done.returncode == 2
    assert message in done.stderr and len(done.stderr.splitlines()) == 1
    assert 's1-unused' not in done.stderr


def test_an_unwritable_page_is_a_one_line_error(
    command: Command,  # noqa: F811
    runs: Runs,
    tmp_path: Path,
) -> None:
    given = {'WAREHOUSE_URL': runs.url}
    for output, message in (
        ('nowhere/report.html', 'create the folder nowhere first'),
        (str(tmp_path), 'is a directory'),
        ('', 'is not a regular file'),
        ('/dev/null', 'is not a regular file'),
    ):
        done = command('report', '--output', output, **given)
        assert done.returncode == 2
        assert message in done.stderr.splitlines()[-1]
        assert 'Traceback' not in done.stderr
    (tmp_path / 'report.html').symlink_to(tmp_path / 'page.html')
    done = command('report', **given)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / 'report.html').is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        'page.html',
        'report.html',
    ]
