"""Every view exists, is documented and returns rows."""

import re
from datetime import datetime, time, timedelta, timezone
from importlib.resources import files

import pytest

from github_warehouse.dashboards.definition import DEFINITION
from github_warehouse.metrics import METRIC_NAMES, METRICS
from github_warehouse.warehouse.connection import Connection

from .conftest import Given, Row, View, day

pytestmark = pytest.mark.usefixtures('each_schema')
_TOTALS = ' '.join(f'total_{m.name}' for m in METRICS if m.is_summed)
_SUMMED = ' '.join(m.name for m in METRICS if m.is_summed)
VIEWS = {
    'repo_daily_growth': 'repo_id full_name snapshot_date stars star_growth',
    'company_total_stars': (
        f'company_name snapshot_date {_TOTALS} repo_count'
        ' repos_languages_read'
    ),
    'language_popularity_by_company': (
        'company_name language_name total_bytes share_percent repo_count'
    ),
    'language_trend_by_company': (
        'company_name snapshot_date language_name total_bytes share_percent'
        ' repo_count is_complete'
    ),
    'company_leading_languages': (
        'company_name snapshot_date language_name total_bytes is_complete'
    ),
    'company_top_forked_repos': 'company_name repo_name forks rank',
    'repo_activity_score': 'company_name repo_name activity_score',
    'current_repo_metrics': (
        'repo_id company_name repo_name full_name language is_fork'
        f' is_archived license snapshot_date {" ".join(METRIC_NAMES)}'
        ' observed_on'
    ),
    'current_repo_languages': (
        'repo_id company_name repo_name full_name language_name bytes'
        ' share_percent snapshot_date'
    ),
    'top_languages': (
        'language_name total_bytes share_percent repo_count company_count'
    ),
    'top_repos_per_company': 'company_name repo_name stars rank',
    'most_open_issues_repos': 'company_name repo_name open_issues rank',
    'company_largest_repos': 'company_name repo_name total_bytes rank',
    'company_language_diversity': (
        'company_name language_count top_language'
        ' top_language_share_percent effective_languages'
    ),
    'company_daily_growth': (
        'company_name snapshot_date total_stars star_growth total_forks'
        ' fork_growth repo_count repo_growth'
    ),
    'trending_repos': (
        'company_name repo_name full_name repo_id stars stars_gained_1d'
        ' stars_gained_7d stars_gained_30d percent_1d percent_7d'
        ' percent_30d'
    ),
    'data_freshness': (
        'company_name last_run last_sweep days_behind snapshot_date'
        ' snapshots carried_percent repos_languages_read'
    ),
    'pipeline_health': (
        'run_id started_at finished_at duration_seconds snapshot_date status'
        ' mode source companies companies_failed repositories_updated'
        ' snapshots_fresh snapshots_carried language_rows requests points'
        ' budget_left error warnings'
    ),
}

CONTRACTS = {
    'repository_days': (
        'repo_id snapshot_date company_id company_name repo_name full_name'
        f' observed_on {" ".join(METRIC_NAMES)} is_carried_forward'
    ),
    'language_days': (
        'repo_id snapshot_date language_name company_id company_name'
        ' repo_name full_name bytes'
    ),
    'company_days': (
        f'company_id snapshot_date company_name repo_count {_SUMMED}'
        ' repos_languages_read'
    ),
    'company_language_days': (
        'company_id snapshot_date language_name company_name repo_count bytes'
    ),
    'repositories': (
        'repo_id node_id company_id company_name repo_name full_name language'
        ' license is_fork is_archived created_at updated_at pushed_at'
        ' tracked_from removed_on languages_observed_at'
    ),
    'companies_current': (
        'company_id company_name account_type is_tracked tracked_login'
        ' tracked_at last_run last_sweep snapshot_date repo_count'
        f' {_SUMMED} repos_languages_read'
    ),
    'runs': (
        'run_id started_at finished_at snapshot_date status mode source'
        ' companies companies_failed repositories_updated snapshots_fresh'
        ' snapshots_carried language_rows requests points budget_left error'
        ' warnings'
    ),
}
ALL = VIEWS | CONTRACTS

FILES = {
    path.name.removesuffix('.sql'): path.read_text('utf-8')
    for folder in ('views', 'contracts')
    for path in (files('github_warehouse') / 'warehouse' / folder).iterdir()
}


def test_every_view_has_a_file_and_every_file_a_view() -> None:
    assert sorted(FILES) == sorted(ALL)


@pytest.mark.parametrize('name', ALL)
def test_view_file_opens_with_four_comment_lines(name: str) -> None:
    pattern = (
        r'-- Question: .+\?\n'
        r'-- Grain: .+\.\n'
        r'-- Source: .+\.\n'
        r'-- Caveats: .+\.\n'
        r'\n'
        rf'create or replace view {name} as\n'
    )

    assert re.match(pattern, FILES[name])


@pytest.mark.parametrize('name', ALL)
def test_view_file_follows_the_sql_style(name: str) -> None:
    text = FILES[name]

    assert max(map(len, text.splitlines())) <= 79
    assert re.findall(r'\t|\*\n|\.\*|(?i:lateral|grouping sets)', text) == []


def test_views_and_cards_agree_on_when_languages_are_complete() -> None:
    """No view reads another, so each view that needs the share repeats it."""
    texts = [*FILES.values(), DEFINITION.read_text('utf-8')]
    shares = re.findall(r'\b0\.\d+(?= \*)', '\n'.join(texts))

    assert shares == ['0.99'] * 3


def test_views_have_the_promised_columns(database: Connection) -> None:
    actual = _rows(
        database,
        """
        select
            table_name,
            string_agg(column_name, ' ' order by ordinal_position)
        from information_schema.columns
        inner join information_schema.views using (table_schema, table_name)
        where table_schema = current_schema()
        group by table_name
        """,
    )

    assert dict(actual) == ALL


def test_every_measure_and_time_has_a_unit(database: Connection) -> None:
    silent = _rows(
        database,
        """
        select pg_class.relname, pg_attribute.attname
        from pg_class
        inner join pg_attribute on pg_attribute.attrelid = pg_class.oid
        where pg_class.relkind = 'v'
            and pg_class.relnamespace = current_schema()::regnamespace
            and pg_attribute.atttypid not in (
                'text'::regtype, 'boolean'::regtype
            )
            and col_description(pg_class.oid, pg_attribute.attnum) is null
        """,
    )

    assert silent == []


def test_every_view_has_a_comment(database: Connection) -> None:
    silent = _rows(
        database,
        """
        select relname
        from pg_class
        where relkind = 'v'
            and relnamespace = current_schema()::regnamespace
            and obj_description(oid, 'pg_class') is null
        """,
    )

    assert silent == []


def test_bytes_are_whole_numbers(database: Connection) -> None:
    types = _rows(
        database,
        """
        select distinct data_type
        from information_schema.columns
        inner join information_schema.views using (table_schema, table_name)
        where table_schema = current_schema()
            and column_name in ('bytes', 'total_bytes')
        """,
    )

    assert types == [('bigint',)]


def test_no_view_reads_another_view(database: Connection) -> None:
    reads = _rows(
        database,
        """
        select view_usage.view_name, view_usage.table_name
        from information_schema.view_table_usage as view_usage
        inner join information_schema.views
            on views.table_schema = view_usage.table_schema
            and views.table_name = view_usage.table_name
        where view_usage.view_schema = current_schema()
        """,
    )

    assert reads == []


def test_every_view_works_on_an_empty_warehouse(view: View) -> None:
    assert {name: view(name) for name in ALL} == {name: [] for name in ALL}


def test_every_view_works_with_a_company_never_read(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')

    actual = {name: view(name) for name in ALL if view(name)}

    assert actual == {
        'data_freshness': [('acme', None, None, None, None, 0, None, None)],
        'companies_current': [
            (
                1,
                'acme',
                'Organization',
                True,
                *[None] * (7 + len(_SUMMED.split())),
            )
        ],
    }


def test_views_are_equal_in_every_session_time_zone(
    database: Connection, given: Given, view: View
) -> None:
    ((today,),) = _rows(database, "select (now() at time zone 'UTC')::date")
    midnight = datetime.combine(today, time(), tzinfo=timezone.utc)
    minute = timedelta(minutes=1)
    given.company(1, 'acme')
    given.company(2, 'bolt')
    given.repo(10, 1, 'alpha')
    given.state(1, midnight - minute, midnight - minute)
    given.state(2, midnight + minute, midnight + minute)
    for number in (1, 30, 31):
        given.snapshot(10, 1, day(number), stars=number)
        given.languages(10, day(number), {'Go': number})
        given.company_day(1, day(number), repos=1, stars=number)
        given.company_languages(1, day(number), {'Go': number})
    given.run(
        started_at=midnight - minute,
        finished_at=midnight + minute,
        snapshot_date=day(31),
        status='succeeded',
        mode='sweep',
        source='graphql',
    )

    read = {}
    for zone in ('UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago'):
        with database.cursor() as cursor:
            cursor.execute('set time zone %s', (zone,))
        read[zone] = {name: view(name) for name in ALL}

    assert all(read['UTC'].values())
    assert read['Pacific/Kiritimati'] == read['UTC']
    assert read['Pacific/Pago_Pago'] == read['UTC']


def _rows(database: Connection, query: str) -> list[Row]:
    with database.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
