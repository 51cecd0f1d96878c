"""Random histories of changes, failures and crashes match a model."""

import shutil
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import (
    AbstractContextManager,
    ExitStack,
)
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from github_simulator import faults
from github_simulator.errors import SimulatorError
from github_simulator.limits import HourlyLimits
from github_warehouse.errors import ClockError, DatabaseError
from github_warehouse.ingest import ingest
from github_warehouse.metrics import METRIC_NAMES, METRICS
from github_warehouse.run_result import RunOptions
from github_warehouse.warehouse import statements
from history import History, Snapshot
from simulated import Runs, serve
from support import SimulatedClock, execute, warehouse_at

NewWarehouse = Callable[[], AbstractContextManager[str]]
LANGUAGES: list[dict[str, int]] = [{}, {'Zig': 1}, {'C++': 2**33, 'Go': 5}]
ZONES = ['UTC', 'Pacific/Auckland', 'America/Los_Angeles', 'Asia/Kathmandu']
# From this number of examples on they are random; below, deterministic.
_MANY = 400
# Weighted towards changes that once damaged the history.
KINDS = [
    *('star', 'push', 'move silently', 'languages', 'languages', 'rename'),
    *('transfer', 'transfer', 'transfer', 'vanish', 'restore', 'restore'),
    *('hide', 'show', 'show', 'create'),
    *('star all', 'hide every third', 'show all'),
]
HOWS = [
    *('graphql', 'graphql', 'rest', 'without languages', 'without a token'),
    *('fail', 'hide', 'crash', 'wrong clock'),
]
MEANWHILE = ['nothing', 'nothing', 'untrack', 'track', 'untrack and track']
# Requests per hour without a token: fewer than there are repositories.
_ANONYMOUS = 20
_TOTALS = [metric.name for metric in METRICS if metric.is_summed]
_SNAPSHOTS = f"""
    select
        repo_snapshots.repo_id,
        repo_snapshots.snapshot_date,
        repo_snapshots.company_id,
        array[{', '.join(f'{name}::integer' for name in METRIC_NAMES)}],
        repo_snapshots.observed_on,
        coalesce((
            select jsonb_object_agg(language_name, bytes)
            from language_snapshots
            inner join languages using (language_id)
            where
                language_snapshots.repo_id = repo_snapshots.repo_id
                and language_snapshots.snapshot_date
                = repo_snapshots.snapshot_date
        ), '{{}}')
    from repo_snapshots
"""
# totals whose count of repositories with languages read is wrong
_COVERED = """
    select company_id
    from company_daily
    left join (
        select
            repo_snapshots.company_id,
            count(repos.languages_observed_at) as languages_read
        from repo_snapshots
        inner join repos on repos.id = repo_snapshots.repo_id
        where repo_snapshots.snapshot_date = %(day)s
        group by repo_snapshots.company_id
    ) as counted using (company_id)
    where
        snapshot_date = %(day)s
        and repos_languages_read <> coalesce(languages_read, 0)
"""


class Machine(RuleBasedStateMachine):
    """The warehouse and its model, run through the same days."""

    def __init__(self, new_warehouse: NewWarehouse, counts: Counter[str]):
        super().__init__()
        self.counts = counts
        self.stack = ExitStack()
        url = self.stack.enter_context(new_warehouse())
        serving = serve(
            'acme:9,globex:7,ada:4:user',
            url,
            hourly_limits=HourlyLimits(anonymous=_ANONYMOUS),
        )
        self.runs: Runs = self.stack.enter_context(serving)
        self.world = self.runs.world
        self.companies = sorted(self.world.accounts)
        self.names = {
            account.id: {account.login}
            for account in self.world.accounts.values()
        }
        self.numbers = iter(range(10**6))
        self.model = History()

    def teardown(self) -> None:
        self.stack.close()

    @initialize(
        zone=st.sampled_from(ZONES),
        how=st.sampled_from(['graphql', 'without a token']),
    )
    def begin(self, zone: str, how: str) -> None:
        name = self.runs.url.split('?')[0].rpartition('/')[2]
        execute(
            self.runs.url, f"alter database {name} set timezone to '{zone}'"
        )
        self.model.tracked = set(self.companies)
        self._run_as(how)
        self.runs.settings = self._without_companies()

    @rule(
        changes=st.lists(
            st.tuples(
                st.sampled_from(KINDS),
                st.integers(0, 10**6),
                st.sampled_from(LANGUAGES),
            ),
            max_size=8,
        ),
        days=st.sampled_from([0, 0, 1, 1, 2, 3]),
    )
    def github_changes(
        self, changes: list[tuple[str, int, dict[str, int]]], days: int
    ) -> None:
        self.counts['days'] += days
        self.runs.next_day(days)
        for kind, number, languages in changes:
            self.counts[kind] += 1
            try:
                self._change(kind, number, languages)
            except SimulatorError:
                self.counts['refused'] += 1

    @rule(
        what=st.sampled_from(
            ['untrack', 'track', 'track', 'rename', 'lose a login']
        ),
        number=st.integers(0, 5),
    )
    def a_company_changes(self, what: str, number: int) -> None:
        self.counts[f'{what} a company'] += 1
        company = self.companies[number % len(self.companies)]
        if what == 'untrack' and company in self.model.tracked:
            self._untrack(company)
        elif what == 'track':
            self._track(company)
        elif what == 'rename':
            login = f'renamed-{next(self.numbers)}'
            self.names[company].add(login)
            self.world.rename_account(company, login)
        elif what == 'lose a login' and len(self.companies) < 6:
            self._reuse_login(company)

    @rule(
        how=st.sampled_from(HOWS),
        meanwhile=st.sampled_from(MEANWHILE),
        numbers=st.sets(st.integers(0, 5), min_size=1),
    )
    def a_run(self, how: str, meanwhile: str, numbers: set[int]) -> None:
        if not self.model.tracked:
            return
        self.counts[f'run: {how}'] += 1
        companies = [self.companies[n % len(self.companies)] for n in numbers]
        if how == 'fail':
            self._run_without(companies)
        elif how == 'hide':
            self._run_with_a_part(companies[0])
        elif how == 'crash':
            self._run_that_crashes()
        elif how == 'wrong clock':
            self._run_by_a_wrong_clock()
        else:
            self._run_as(how, meanwhile, companies[0])

    @invariant()
    def the_warehouse_holds_what_the_model_says(self) -> None:
        self.counts['comparisons'] += 1
        held = {
            (row[0], row[1]): Snapshot(row[2], tuple(row[3]), row[4], row[5])
            for row in self.runs.query(_SNAPSHOTS)
        }
        true = {
            (repo_id, day): snapshot
            for day, snapshots in self.model.days.items()
            for repo_id, snapshot in snapshots.items()
        }
        assert held.keys() == true.keys()
        for key, snapshot in true.items():
            given = held[key]
            if snapshot.languages is None:
                languages = frozenset((given.languages or {}).items())
                returned = self.model.returned_languages[key[0]]
                is_unread = snapshot.may_be_unread and not languages
                assert languages in returned or is_unread, key
                given = replace(given, languages=None)
            assert replace(snapshot, may_be_unread=False) == given, key
        assert self._tracking_periods() == {
            repo_id: (known.company, known.tracked_from, known.removed_on)
            for repo_id, known in self.model.repositories.items()
        }
        assert self._totals() == self.model.totals
        assert self._watermarks() == self.model.read_on

    def _run_without(self, failed: list[int]) -> None:
        """Run while some companies cannot be read."""
        for company in failed:
            self.runs.simulator.faults.add(
                faults.server_error(500, text=self._pattern(company))
            )
        self._run({'source': 'graphql'}, failed, {})

    def _run_with_a_part(self, company: int) -> None:
        """Run while a list lacks the company's oldest repository."""
        listed = sorted(
            (r.created_at, r.id)
            for r in self.world.repositories.values()
            if r.owner_id == company and r.is_public
        )
        if company not in self.model.tracked or not listed:
            return
        path = ('repositoryOwner', 'repositories', 'nodes', 0)
        login = self.world.accounts[company].login
        self.runs.simulator.faults.add(
            faults.graphql_error(
                'FORBIDDEN', 'hidden', *path, text=f'"{login}"'
            )
        )
        self._run({'source': 'graphql'}, [], {company: listed[0][1]})

    def _run_that_crashes(self) -> None:
        """Run until one of the last statements fails in PostgreSQL."""
        execute(
            self.runs.url,
            'create function crash() returns trigger language plpgsql as'
            " $$ begin raise 'crash'; end $$;"
            ' create trigger crash before update on ingestion_state'
            ' for each statement execute function crash()',
        )
        with pytest.raises(DatabaseError, match='crash'):
            self.runs.run()
        execute(self.runs.url, 'drop function crash cascade')

    def _run_by_a_wrong_clock(self) -> None:
        """Run with this machine's clock, months ahead of GitHub's."""
        clock = SimulatedClock()
        clock.set_to_now()
        with pytest.raises(ClockError):
            ingest(
                warehouse_at(self.runs.url),
                self.runs.settings,
                RunOptions(),
                clock=clock,
            )

    def _reuse_login(self, company: int) -> None:
        """Rename a company and give its login, in capitals, to a stranger with
        repositories of the same names."""
        old = self.world.accounts[company].login
        if old != old.lower():
            return
        new = f'renamed-{next(self.numbers)}'
        self.names[company].add(new)
        self.world.rename_account(company, new)
        stranger = self.world.add_account(
            old.upper(), 'Organization', self.world.now
        )
        self.companies.append(stranger.id)
        self.names[stranger.id] = {stranger.login}
        for number, known in enumerate(self.world.owned_by(company)):
            copy = self.world.create(stranger.id, known.name)
            self.world.set_languages(copy.id, {'Malbolge': 666 + number})

    def _untrack_meanwhile(self, login: str, twice: bool) -> None:
        self.runs.untrack(login)
        if twice:
            self.runs.track(login)

    def _untrack(self, company: int) -> None:
        self.model.untrack(company)
        self.runs.untrack(self.world.accounts[company].login)

    def _track(self, company: int) -> None:
        self.model.tracked.add(company)
        self.runs.track(self.world.accounts[company].login)

    def _run_as(
        self, how: str, meanwhile: str = 'nothing', company: int = 0
    ) -> None:
        """Run so that every list is read, with (un)tracking meanwhile."""
        if how == 'without a token' and self.model.missing(self.world) > 3:
            # the budget would not suffice for lists and look-ups
            how = 'rest'
        options: dict[str, Any] = {'source': 'rest'}
        if how == 'graphql':
            options = {'source': 'graphql'}
        elif how == 'without a token':
            options = {'tokens': ()}
            self.runs.clock.advance(3700)
        elif how == 'without languages':
            self.runs.simulator.faults.add(
                faults.server_error(500, text='/languages')
            )
        is_tracked = company in self.model.tracked
        login = self.world.accounts[company].login if company else ''
        dropped: list[int] = []
        if 'untrack' in meanwhile and is_tracked:
            self.counts[f'{meanwhile} during a run'] += 1
            both = meanwhile == 'untrack and track'
            options['meanwhile'] = partial(
                self._untrack_meanwhile, login, both
            )
            self.model.untrack(company)
            if both:
                self.model.tracked.add(company)
            else:
                dropped = [company]
        elif meanwhile == 'track' and not is_tracked:
            self.counts['track during a run'] += 1
            options['meanwhile'] = lambda: self.runs.track(login)
        self._run(options, [], {}, how in ('graphql', 'rest'), dropped)
        if meanwhile == 'track':
            self.model.tracked.add(company)

    def _run(
        self,
        options: dict[str, Any],
        failed: list[int],
        hidden: dict[int, int],
        reads_languages: bool = True,
        dropped: Collection[int] = (),
    ) -> None:
        self.counts['runs'] += 1
        result = self.runs.run(**options)
        self.runs.simulator.faults.clear()
        unread = {f.account.account_id for f in result.unread}
        assert unread == self.model.tracked & {*failed, *hidden}
        is_rest = options.get('source') != 'graphql'
        self.model.run(
            self.world, failed, hidden, is_rest, reads_languages, dropped
        )
        assert self.runs.query(_COVERED, {'day': self.world.today}) == []

    def _change(
        self, kind: str, number: int, languages: dict[str, int]
    ) -> None:
        world = self.world
        gone = kind == 'restore'
        ids = sorted(world.vanished if gone else world.repositories)
        if not ids:
            return
        repo_id = ids[number % len(ids)]
        owner = self.companies[number % len(self.companies)]
        name = f'name-{next(self.numbers)}'
        changes: dict[str, Callable[[], Any]] = {
            'star': lambda: world.star(repo_id, 1 + number % 7),
            'push': lambda: world.push(repo_id, languages),
            'move silently': lambda: world.move_silently(repo_id),
            'languages': lambda: world.set_languages(repo_id, languages),
            'rename': lambda: world.rename(repo_id, name),
            'transfer': lambda: world.transfer(repo_id, owner),
            'vanish': lambda: world.vanish(repo_id),
            'restore': lambda: world.restore(repo_id),
            'hide': lambda: world.set_visibility(repo_id, 'private'),
            'show': lambda: world.set_visibility(repo_id, 'public'),
            'create': lambda: world.create(owner, name),
            'star all': lambda: list(map(world.star, ids)),
            'hide every third': lambda: self._show(ids[::3], 'private'),
            'show all': lambda: self._show(ids, 'public'),
        }
        changes[kind]()

    def _show(self, ids: list[int], visibility: str) -> None:
        for repo_id in ids:
            self.world.set_visibility(repo_id, visibility)

    def _pattern(self, company: int) -> str:
        """Return a pattern that matches any login of a company in a query."""
        return '"({})"'.format('|'.join(sorted(self.names[company])))

    def _without_companies(self) -> Any:
        return replace(self.runs.settings, companies=())

    def _tracking_periods(self) -> dict[int, tuple[Any, ...]]:
        rows = self.runs.query(
            'select id, company_id, tracked_from, removed_on from repos'
        )
        return {row[0]: row[1:] for row in rows}

    def _totals(self) -> dict[tuple[int, Any], tuple[Any, ...]]:
        rows = self.runs.query(
            'select company_id, snapshot_date, repos,'
            f' {", ".join(_TOTALS)} from company_daily'
        )
        return {(row[0], row[1]): row[2:] for row in rows}

    def _watermarks(self) -> dict[int, Any]:
        rows = self.runs.query(
            "select company_id, (last_run at time zone 'UTC')::date"
            ' from ingestion_state where last_run is not null'
        )
        return dict(rows)


def _run_machine(
    new_warehouse: NewWarehouse,
    examples: int,
    phases: Collection[Phase] = tuple(Phase),
) -> Counter[str]:
    counts: Counter[str] = Counter()

    class Bound(Machine):
        def __init__(self) -> None:
            super().__init__(new_warehouse, counts)

    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            phases=phases,
            database=None,
            derandomize=examples < _MANY,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    return counts


@pytest.mark.parametrize(
    'examples', [8, pytest.param(1000, marks=pytest.mark.long)]
)
def test_every_history_is_stored_correctly(
    new_warehouse: NewWarehouse, examples: int
) -> None:
    counts = _run_machine(new_warehouse, examples)
    print(f'{counts["comparisons"]:,} steps: {dict(counts)}')
    assert counts['runs'] > examples


@pytest.mark.parametrize(
    ('statement', 'right', 'wrong'),
    [
        (
            'rewrite_snapshots',
            '{metric} = excluded.{metric},',
            '{metric} = repo_snapshots.{metric},',
        ),
        (
            'deduplicate_observations',
            'set is_unconfirmed = true',
            'set is_unconfirmed = false',
        ),
        ('build_snapshots', 'repo_snapshots.observed_on\n', '%(day)s\n'),
        ('write_tracking_periods', 'else %(day)s', 'else repos.tracked_from'),
    ],
    ids=[
        'a rerun keeps',
        'none unconfirmed',
        'observed today',
        'an old tracking period',
    ],
)
def test_every_injected_bug_is_found(
    new_warehouse: NewWarehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    statement: str,
    right: str,
    wrong: str,
) -> None:
    """The model or an audit detects the bug."""
    folder = tmp_path / 'sql'
    shutil.copytree(statements.SQL, folder)
    path = folder / f'{statement}.sql'
    text = path.read_text('utf-8')
    assert right in text
    path.write_text(text.replace(right, wrong), 'utf-8')
    monkeypatch.setattr(statements, 'SQL', folder)
    with pytest.raises((AssertionError, DatabaseError, BaseExceptionGroup)):
        _run_machine(new_warehouse, _MANY - 1, [Phase.generate])
