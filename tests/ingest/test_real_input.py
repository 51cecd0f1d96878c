"""Recorded repositories, served over HTTP, equal the warehouse."""

import json
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from psycopg2.extras import execute_values

from github_simulator import Simulator, load_recorded
from github_warehouse.config import read_settings
from github_warehouse.github.parse import moment
from github_warehouse.ingest import ingest
from github_warehouse.run_result import RunOptions, RunResult
from support import NEEDS_SHARED_DATA, SHARED_DATA, open_database, warehouse_at
from tables import tables
from truth import Rows, differences

FILE = SHARED_DATA / 'recorded' / 'llnl-2025-12-27.json'
DAY = date(2025, 12, 27)

REST_FORMS = {
    'jenkinsci': 2204,
    'sample_varied_repos.json': 201,
}

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=NEEDS_SHARED_DATA)

_FILE_TABLES = """
create temporary table file_repos (
    company_name text,
    name text,
    full_name text,
    created_at timestamptz,
    language text,
    license text,
    stars integer,
    forks integer,
    open_issues integer
);
create temporary table file_languages (
    full_name text,
    language_name text,
    bytes bigint
);
"""
_WAREHOUSE_REPOS = """
select
    metrics.company_name,
    metrics.repo_name,
    metrics.full_name,
    repos.created_at,
    metrics.language,
    metrics.license,
    metrics.stars,
    metrics.forks,
    metrics.open_issues
from current_repo_metrics as metrics
inner join repos on repos.id = metrics.repo_id
"""
_WAREHOUSE_LANGUAGES = (
    'select full_name, language_name, bytes from current_repo_languages'
)


@pytest.mark.parametrize('source', ['graphql', 'rest'])
def test_the_warehouse_equals_the_file(
    warehouse_url: str, source: str
) -> None:
    records = json.loads(FILE.read_text('utf-8'))
    result = _ingest(warehouse_url, records, source)
    assert result.unread == []
    languages = _languages(records)
    assert (len(records), len(languages)) == (1156, 4579)
    with closing(open_database(warehouse_url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(_FILE_TABLES)
            execute_values(
                cursor,
                'insert into file_repos values %s',
                [_repo(record) for record in records],
            )
            execute_values(
                cursor, 'insert into file_languages values %s', languages
            )
            for file, warehouse in (
                ('table file_repos', _WAREHOUSE_REPOS),
                ('table file_languages', _WAREHOUSE_LANGUAGES),
            ):
                for more, less in ((file, warehouse), (warehouse, file)):
                    cursor.execute(f'({more}) except all ({less})')
                    assert cursor.fetchall() == []
            _check_views(cursor, records)


@pytest.mark.parametrize('form', sorted(REST_FORMS))
def test_both_sources_store_the_recorded_rest_values(
    warehouse_url: str, second_warehouse_url: str, form: str
) -> None:
    """Every field of every public repository, including nulls."""
    world = load_recorded(FILE.parent / form, today=DAY)
    logins = {account.login for account in world.accounts.values()}
    languages: Rows = [
        (repository.id, language, size)
        for repository in world.repositories.values()
        if repository.is_public
        for language, size in repository.languages.items()
    ]
    for source, url in (
        ('graphql', warehouse_url),
        ('rest', second_warehouse_url),
    ):
        with Simulator(world) as simulator:
            result = _run(url, simulator, logins, source)
        assert result.unread == []
        assert result.written.snapshots_fresh == REST_FORMS[form]
        assert differences(url, DAY, world, logins, languages) == []
    assert tables(warehouse_url, common_metrics_only=True) == tables(
        second_warehouse_url, common_metrics_only=True
    )


@pytest.mark.parametrize('form', sorted(REST_FORMS))
def test_served_values_equal_the_recorded_values(form: str) -> None:
    """Compare the file with the world, field by field."""
    path = FILE.parent / form
    world = load_recorded(path, today=DAY)
    files = sorted((path / '__files').glob('*.json')) or [path]
    records = [
        record
        for file in files
        for record in _records(json.loads(file.read_text('utf-8')))
    ]
    assert len(records) == len(world.repositories)
    for record in records:
        held = world.repositories[record['id']]
        served = (
            held.owner_id,
            held.language,
            held.license_spdx,
            held.is_fork,
            held.stars,
            held.forks,
            held.open_issues,
            held.node_id,
            held.is_archived,
            held.is_public,
            held.description,
            held.created_at,
            held.updated_at,
            held.pushed_at,
        )
        assert served == (
            record['owner']['id'],
            record['language'],
            (record.get('license') or {}).get('spdx_id'),
            record['fork'],
            record.get('stargazers_count', record.get('watchers', 0)),
            record.get('forks_count', record.get('forks', 0)),
            record.get('open_issues_count', record.get('open_issues', 0)),
            record.get('node_id', held.node_id),
            record.get('archived', False),
            not record['private'],
            record['description'],
            moment(record['created_at'], 'it') or held.created_at,
            moment(record['updated_at'], 'it'),
            moment(record['pushed_at'], 'it'),
        )
        assert held.name.startswith(record['name'])


def _records(page: object) -> list[dict[str, Any]]:
    if not isinstance(page, list):
        return []
    return [record.get('repository', record) for record in page]


def _ingest(url: str, records: list[dict[str, Any]], source: str) -> RunResult:
    world = load_recorded(FILE, today=DAY)
    with Simulator(world) as simulator:
        logins = {record['owner'] for record in records}
        return _run(url, simulator, logins, source)


def _run(
    url: str, simulator: Simulator, logins: set[str], source: str
) -> RunResult:
    settings = read_settings(
        {
            'WAREHOUSE_URL': url,
            'GITHUB_API_URL': simulator.url,
            'GITHUB_TOKEN': 'simulated-token',
            'COMPANIES': ','.join(sorted(logins)),
        }
    )
    as_of = datetime.combine(DAY, time(), UTC)
    request = RunOptions(as_of=as_of, source=source)
    return ingest(warehouse_at(url), settings, request)


def _repo(record: dict[str, Any]) -> tuple[object, ...]:
    return (
        record['owner'],
        record['name'],
        record['full_name'],
        record['created_at'],
        record['language'],
        record['license_spdx'],
        record['stars'],
        record['forks'],
        record['open_issues'] + record['open_pull_requests'],
    )


def _languages(records: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    return [
        (record['full_name'], language, size)
        for record in records
        for language, size in record['languages'].items()
    ]


def _check_views(cursor: Any, records: list[dict[str, Any]]) -> None:
    """Check stars, languages and the most forked repositories."""
    stars: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for record in records:
        stars[record['owner']] += record['stars']
        sizes.update(record['languages'])
    cursor.execute('select company_name, total_stars from company_total_stars')
    assert dict(cursor.fetchall()) == dict(stars)
    cursor.execute('select language_name, total_bytes from top_languages')
    assert dict(cursor.fetchall()) == dict(sizes)
    forks = sorted(
        (record['forks'] for record in records if record['owner'] == 'llnl'),
        reverse=True,
    )
    cursor.execute(
        'select forks from company_top_forked_repos'
        " where company_name = 'llnl' order by rank"
    )
    assert [row[0] for row in cursor.fetchall()] == forks[:5]
