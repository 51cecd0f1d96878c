"""The daily write in its common form, as a baseline.

One table a fact, bigints, the repository first in the key, foreign keys; the
latest rows are read into dictionaries, the observations are merged into them,
and all rows are written back through `execute_values`.
"""

from datetime import date, timedelta

from psycopg2.extras import execute_values

from github_warehouse.model import RepoObservation
from github_warehouse.warehouse.connection import Connection

SET_UP = """
create schema common;
create table common.repos as
select id, company_id, name, updated_at from public.repos;
alter table common.repos add primary key (id);
create table common.languages as
select language_id, language_name from public.languages;
alter table common.languages add primary key (language_id);
alter table common.languages add unique (language_name);
create table common.repo_snapshots as
select
    repo_id, snapshot_date, stars::bigint as stars, forks::bigint as forks,
    open_issues::bigint as open_issues
from public.repo_snapshots order by snapshot_date, repo_id;
alter table common.repo_snapshots
add primary key (repo_id, snapshot_date),
add foreign key (repo_id) references common.repos (id);
create table common.language_snapshots as
select repo_id, snapshot_date, language_id::bigint as language_id, bytes
from public.language_snapshots order by snapshot_date, repo_id;
alter table common.language_snapshots
add primary key (repo_id, snapshot_date, language_id),
add foreign key (repo_id) references common.repos (id),
add foreign key (language_id) references common.languages (language_id);
analyze common.repos;
analyze common.repo_snapshots;
analyze common.language_snapshots;
"""

_LATEST = """
select distinct on (repo_id) repo_id, stars, forks, open_issues
from common.repo_snapshots order by repo_id, snapshot_date desc
"""
_LATEST_LANGUAGES = """
select distinct on (repo_id, language_id) repo_id, language_id, bytes
from common.language_snapshots
order by repo_id, language_id, snapshot_date desc
"""
_REPOS = """
insert into common.repos (id, company_id, name, updated_at) values %s
on conflict (id) do update
set name = excluded.name, updated_at = excluded.updated_at
"""
_SNAPSHOTS = """
insert into common.repo_snapshots values %s
on conflict (repo_id, snapshot_date) do update
set stars = excluded.stars, forks = excluded.forks,
    open_issues = excluded.open_issues
"""
_LANGUAGES = """
insert into common.language_snapshots values %s
on conflict (repo_id, snapshot_date, language_id) do update
set bytes = excluded.bytes
"""
_RETENTION = """
delete from common.repo_snapshots where snapshot_date < %(oldest)s;
delete from common.language_snapshots where snapshot_date < %(oldest)s;
"""


def write(
    connection: Connection,
    observed: list[RepoObservation],
    day: date,
    retention_days: int,
) -> None:
    """Write one day."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            'select language_name, language_id from common.languages'
        )
        ids = dict(cursor.fetchall())
        cursor.execute(_LATEST)
        counters = {row[0]: row[1:] for row in cursor}
        cursor.execute(_LATEST_LANGUAGES)
        sizes: dict[int, dict[int, int]] = {}
        for repo_id, language_id, size in cursor:
            sizes.setdefault(repo_id, {})[language_id] = size
        for seen in observed:
            counters[seen.repo_id] = tuple(
                seen.metrics[name]
                for name in ('stars', 'forks', 'open_issues')
            )
            sizes[seen.repo_id] = {
                ids[name]: size
                for name, size in (seen.languages or {}).items()
            }
        execute_values(
            cursor,
            _REPOS,
            [
                (
                    seen.repo_id,
                    seen.owner.account_id,
                    seen.name,
                    seen.updated_at,
                )
                for seen in observed
            ],
        )
        execute_values(
            cursor,
            _SNAPSHOTS,
            [(repo_id, day, *row) for repo_id, row in counters.items()],
        )
        execute_values(
            cursor,
            _LANGUAGES,
            [
                (repo_id, day, language_id, size)
                for repo_id, listed in sizes.items()
                for language_id, size in listed.items()
            ],
        )
        oldest = day - timedelta(days=retention_days)
        cursor.execute(_RETENTION, {'oldest': oldest})
