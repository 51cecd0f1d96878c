"""Compare the warehouse with the simulated GitHub, in SQL."""

from collections.abc import Collection
from contextlib import closing
from datetime import date

from psycopg2.extras import execute_values

from github_simulator import World
from github_simulator.figures import true_value
from github_simulator.model import Repository
from github_warehouse.metrics import METRIC_NAMES, METRICS
from support import open_database

_TYPES = {'count': 'integer', 'flag': 'boolean'}

_METRICS = ''.join(f', repo_snapshots.{name}' for name in METRIC_NAMES)
_TRUTH = f"""
create temporary table true_repos (
    repo_id bigint,
    company_name text,
    account_type text,
    name text,
    full_name text,
    language text,
    created_at timestamptz,
    updated_at timestamptz,
    pushed_at timestamptz,
    is_fork boolean,
    is_archived boolean,
    license text
    {''.join(f', {m.name} {_TYPES[m.kind]}' for m in METRICS)}
);
create temporary table true_languages (
    repo_id bigint,
    language_name text,
    bytes bigint
);
"""

STORED_REPOS = f"""
select
    repos.id,
    companies.company_name,
    companies.account_type,
    repos.name,
    repos.full_name,
    repos.language,
    repos.created_at,
    repos.updated_at,
    repos.pushed_at,
    repos.is_fork,
    repos.is_archived,
    repos.license
    {_METRICS}
from repo_snapshots
inner join repos on repos.id = repo_snapshots.repo_id
inner join companies on companies.company_id = repo_snapshots.company_id
where
    repo_snapshots.snapshot_date = %(day)s
    and repo_snapshots.observed_on = %(day)s
    and repos.removed_on is null
    and repos.company_id = repo_snapshots.company_id
"""

_STORED_LANGUAGES = """
select
    language_snapshots.repo_id,
    languages.language_name,
    language_snapshots.bytes
from language_snapshots
inner join languages
    on languages.language_id = language_snapshots.language_id
where language_snapshots.snapshot_date = %(day)s
"""

Rows = list[tuple[object, ...]]


class ExpectedLanguages:
    """The languages that the warehouse must store, by day.

    A set that becomes empty is accepted only if it is still empty on a
    later day.
    """

    def __init__(self) -> None:
        self._expected: dict[int, dict[str, int]] = {}
        self._unconfirmed: set[int] = set()

    def next_day(self, world: World, logins: set[str]) -> None:
        """Update the expected languages on a new day of the world."""
        now = {
            repository.id: dict(repository.languages)
            for repository in world.repositories.values()
            if repository.is_public
            and world.accounts[repository.owner_id].login in logins
        }
        expected = {}
        for repo_id, languages in now.items():
            before = self._expected.get(repo_id)
            if not languages and before and repo_id not in self._unconfirmed:
                self._unconfirmed.add(repo_id)
                expected[repo_id] = before
            else:
                self._unconfirmed.discard(repo_id)
                expected[repo_id] = languages
        self._unconfirmed &= now.keys()
        self._expected = expected

    def rows(self) -> Rows:
        """Return rows of repository id, language and bytes."""
        return [
            (repo_id, language, size)
            for repo_id, languages in self._expected.items()
            for language, size in languages.items()
        ]


def differences(
    url: str, day: date, world: World, logins: set[str], languages: Rows
) -> Rows:
    """Return the rows in which warehouse and world differ on a day.

    Every field of repositories and of their languages is compared. Rows that
    exist on only one side are differences, too.
    """
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(_TRUTH)
            execute_values(
                cursor,
                'insert into true_repos values %s',
                true_repos(world, logins, companies_read_over_rest(url)),
            )
            execute_values(
                cursor, 'insert into true_languages values %s', languages
            )
            found: Rows = []
            for expected, stored in (
                ('table true_repos', STORED_REPOS),
                ('table true_languages', _STORED_LANGUAGES),
            ):
                for difference, more, less in (
                    ('missing', expected, stored),
                    ('wrong', stored, expected),
                ):
                    cursor.execute(f'({more}) except ({less})', {'day': day})
                    found += [(difference, *row) for row in cursor.fetchall()]
            return found


_READ_OVER_REST = """
select company_id
from pipeline_run_companies
where
    run_id = (select max(run_id) from pipeline_run_companies)
    and source = 'rest'
"""


def companies_read_over_rest(url: str) -> set[int]:
    """Return the ids of the companies that the last run read over REST."""
    with closing(open_database(url)) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute(_READ_OVER_REST)
            return {company_id for (company_id,) in cursor}


def true_repos(
    world: World, logins: set[str], over_rest: Collection[int] = ()
) -> Rows:
    """Return every public repository of the accounts, as rows.

    Rows of companies read over REST lack the metrics that REST lacks.
    """
    rows: Rows = []
    for repository in world.repositories.values():
        owner = world.accounts[repository.owner_id]
        if not repository.is_public or owner.login not in logins:
            continue
        rows.append(
            (
                repository.id,
                owner.login,
                owner.account_type,
                repository.name,
                world.full_name(repository),
                repository.language,
                repository.created_at,
                repository.updated_at,
                repository.pushed_at,
                repository.is_fork,
                repository.is_archived,
                repository.license_spdx,
                *true_metrics(world, repository, owner.id in over_rest),
            )
        )
    return rows


def true_metrics(
    world: World, repository: Repository, is_rest: bool
) -> tuple[int | None, ...]:
    """Return the metrics of a repository, in the order of METRICS."""
    return tuple(
        true_value(metric, repository, world, is_rest) for metric in METRICS
    )
