"""The write of one day, as in the ingest, to a synthetic warehouse."""

import time
from datetime import UTC, date, datetime
from typing import Any

from benchmarks.meter import Cost, measure_cost, prepare_session
from benchmarks.synthetic import Scale

from github_warehouse.model import (
    INCREMENTAL,
    Account,
    CompanyResult,
    RepoObservation,
)
from github_warehouse.warehouse.connection import Connection, transaction
from github_warehouse.warehouse.load import (
    Observed,
    write_observed,
)
from github_warehouse.warehouse.runs import RunRecord
from github_warehouse.warehouse.spool import Spool
from github_warehouse.warehouse.state import State, read_state
from github_warehouse.warehouse.tables import WriteCounts


def observe(
    connection: Connection, scale: Scale, number: int
) -> list[RepoObservation]:
    """Return the observations of a day: every n-th repository, changed."""
    step = scale.repositories // scale.changed
    with transaction(connection) as cursor:
        cursor.execute(
            _OBSERVED, {'step': step, 'number': number, 'days': scale.days}
        )
        return [_observation(row) for row in cursor]


def _observation(row: tuple[Any, ...]) -> RepoObservation:
    repo_id, node_id, company_id, *rest, stars, forks, issues, sizes = row
    owner = Account(company_id, f'company-{company_id}', 'Organization')
    metrics = {'stars': stars, 'forks': forks, 'open_issues': issues}
    fields = (repo_id, node_id, owner, *rest, metrics, sizes)
    return RepoObservation(*fields)


_OBSERVED = """
select
    repos.id, repos.node_id, repos.company_id, repos.name, repos.full_name,
    repos.language, repos.created_at,
    repos.updated_at + (%(days)s + %(number)s) * interval '1 day',
    repos.pushed_at + (%(days)s + %(number)s) * interval '1 day',
    repos.is_fork, repos.is_archived, repos.license,
    counters.stars + %(days)s * counters.gain + %(number)s,
    counters.forks, counters.open_issues,
    coalesce(
        jsonb_object_agg(languages.language_name, sizes.bytes + %(number)s)
        filter (where sizes.bytes is not null),
        '{}'
    )
from repos
inner join bench.counters on counters.repo_id = repos.id
left join bench.sizes on sizes.repo_id = repos.id
left join languages on languages.language_id = sizes.language_id
where repos.id %% %(step)s = %(number)s %% %(step)s
group by repos.id, counters.repo_id, counters.stars, counters.gain,
    counters.forks, counters.open_issues
order by repos.company_id, repos.id
"""


def write_day(
    connection: Connection,
    scale: Scale,
    observed: list[RepoObservation],
    day: date,
) -> tuple[Cost, WriteCounts]:
    """Write the observations of a day as the ingest does."""
    started_at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    state = read_state(connection, started_at)
    spool = Spool()
    for observation in observed:
        spool.add(observation)
    companies = _results(state, started_at)
    run = RunRecord(
        run_id=state.run_id,
        started_at=started_at,
        monotonic_start=time.monotonic(),
        day=day,
        api_host='127.0.0.1',
        source='graphql',
        requests=1,
        points=1,
        budget_left=None,
        error=None,
    )
    prepare_session(connection)
    with measure_cost(connection) as whole, transaction(connection) as cursor:
        written = write_observed(
            cursor,
            Observed(spool, companies, [], [], {}),
            state,
            run,
            # plus the previous day: the number of days stays the same
            scale.days - 1,
            day,
        )
    spool.close()
    state.close()
    return whole, written


def _results(state: State, started_at: datetime) -> list[CompanyResult]:
    """Return results in which every company was read completely."""
    return [
        CompanyResult(
            account=each.account,
            started_at=started_at,
            finished_at=started_at,
            status='succeeded',
            mode=INCREMENTAL,
            read_by='graphql',
            repositories_observed=0,
            requests=1,
            points=1,
            budget_left=None,
            error=None,
        )
        for each in state.companies
    ]
