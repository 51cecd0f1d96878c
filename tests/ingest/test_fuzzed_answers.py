"""A fuzzer of GitHub's responses: a hostile one fails only its company.

Every field and header of each kind of response of both APIs is replaced with
hostile values, one at a time. In each run, 40 of 41 companies get one hostile
response each; the last company gets valid ones and must be written.
"""

import gc
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import hypothesis
import pytest
import requests
from hypothesis import strategies as st
from structlog.testing import capture_logs

from github_simulator import faults
from github_simulator.limits import HourlyLimits
from github_warehouse.github import transport
from github_warehouse.github.fields import read_query
from simulated import TOKEN, Runs, serve

LOGINS = [f'c{number:02}' for number in range(40)]
HEALTHY = 'healthy'
MANY = {f'Language {number}': number for number in range(1, 121)}
Path = tuple[str | int, ...]
# A few of thousands of broken connections are closed only by the garbage
# collector.
pytestmark = pytest.mark.filterwarnings('ignore:unclosed:ResourceWarning')

DEEP = '[' * 200_000 + ']' * 200_000
VALUES = [
    *('null', 'true', 'false', '0', '1', '-1', '1.5', '-0.0', '1e400'),
    *('NaN', '-Infinity', '2147483647', '2147483648', '9223372036854775807'),
    *('9223372036854775808', '9' * 5000, '-' + '9' * 30, '""', '" "'),
    *(r'"\u0000"', r'"a\u0000b"', r'"\ud800"', r'"\u202e\u001b[2J\r\n"'),
    *('"' + 'x' * 300 + '"', '"' + 'y' * 9000 + '"', '"' + '語' * 255 + '"'),
    *('"' + '🚀' * 255 + '"', '"0001-01-01T00:00:00+14:00"', '"١٢٣"', '"1"'),
    *('"9999-12-31T23:59:59-14:00"', '"2026-01-01T00:00:00+00:00:30.5"'),
    *('"2026-01-01"', '"..%2f../x"', '"a\\tb\\\\N\\n"', '"=cmd()"', '"c01"'),
    *('[]', '{}', '[null]', '[[]]', '[{}]', '["x"]', '[1, "x", {}]'),
    *('{"a": {"b": [1]}}', '{"id": {}}', '{"name": "C"}', DEEP, ''),
    *('[' + '{},' * 20_000 + '{}]', '{"a": 1, "a": 2}', '\\', '\x00'),
]
HEADERS = {
    'X-RateLimit-Remaining': ('-1', '1', '1e3', '9' * 12, '9' * 5000, ''),
    'X-RateLimit-Reset': ('0', '-1', '1772323260000', '9' * 5000, '', 'x'),
    'Retry-After': ('0', '-1', '9' * 400, 'x', ''),
    'Date': ('', 'x', 'Mon, 01 Jan 99999999999 00:00:00 GMT')
    + ('Fri, 31 Dec 9999 23:59:59 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT')
    + ('Sun, 01 Mar 2026 00:00:00 +9999',),
    'Link': ('', '<', '<>; rel="next"', '<http://[/>; rel="next"')
    + ('<https://evil.example/>; rel="next"', '<?page=2>; rel="next"')
    + ('<?page=9999999999>; rel="last", <?page=2>; rel="next"',)
    + ('<x>; rel="last"', 'x' * 60_000),
    'Content-Type': ('', 'text/html', 'application/json; charset=undefined')
    + ('application/json; charset=rot13', 'x' * 9000),
    'Content-Encoding': ('br', 'gzip', 'deflate', 'gzip, gzip', 'x', ''),
    'Content-Length': ('0', '1', '-1', 'x', '9' * 30, '1, 2'),
    'Transfer-Encoding': ('chunked', 'gzip', 'x'),
    'Location': ('', 'http://[', '/', 'https://evil.example/', '\x7f'),
    'X-GitHub-SSO': ('partial-results', 'required; url=x', '\x1b[2J'),
    'X-GitHub-Request-Id': ('', 'x' * 9000, '\x1b[2J', '\xff'),
    'Set-Cookie': ('', 'a=b; Expires=x', 'a=b; Max-Age=' + '9' * 400),
    'Connection': ('close', 'upgrade', 'x'),
    'ETag': ('', 'x' * 9000),
}
# Not 401, which concerns the token, and only one limit at a time.
STATUSES = (
    *(100, 101, 199, 201, 204, 206, 300, 301, 304, 307, 399, 400, 402, 403),
    *(404, 405, 406, 409, 410, 418, 422, 451, 500, 501, 502, 503, 504, 599),
    *(600, 999),
)
BODIES = ('', '{}', '[]', 'null', '{"message": {}}', '{"message": [[]]}')


@dataclass(frozen=True)
class Group:
    """A kind of response, and how to make a run request it."""

    kind: str
    source: str
    sample: str
    before: str = ''


GROUPS = [
    Group('graphql:repositories', 'graphql', 'owner_repositories'),
    Group('graphql:nodes', 'graphql', 'repositories_by_id', 'hide'),
    Group('graphql:other', 'graphql', 'more_languages'),
    Group('rest:list', 'rest', '/users/LOGIN/repos?per_page=100'),
    Group('rest:languages', 'rest', '/repositories/OTHER/languages', 'push'),
    Group('rest:account', 'graphql', '/user/ACCOUNT', 'rename'),
    Group('rest:account', 'rest', '/user/ACCOUNT', 'rename'),
    Group('rest:repository', 'rest', '/repositories/REPOSITORY', 'hide'),
]
LIMITS = Group('rest:rate_limit', 'graphql', '/rate_limit')


@pytest.fixture
def runs(
    warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Runs]:
    """Forty companies to fuzz and one healthy company; two tokens."""
    # the client waits for the rest of a body shorter than its Content-Length
    # (long enough for valid responses on a busy machine)
    monkeypatch.setattr(transport, '_TIMEOUTS_SECONDS', (5, 1))
    monkeypatch.setattr(transport, '_DEADLINE_SECONDS', 3)
    specs = ','.join(f'{login}:3:user' for login in [*LOGINS, HEALTHY])
    with serve(
        specs,
        warehouse_url,
        tokens=(TOKEN, 'another-token'),
        today=date(2024, 1, 1),
        hourly_limits=HourlyLimits(60, 10**6, 10**6),
    ) as runs:
        # few at once, so that a busy machine sends valid responses in time
        runs.settings = replace(runs.settings, concurrency=8)
        for repositories in map(runs.world.owned_by, runs.world.accounts):
            for repository in repositories:
                repository.visibility = 'public'
                repository.license_spdx = repository.license_spdx or 'MIT'
                repository.language = repository.language or 'Python'
                repository.languages = repository.languages or {'Python': 1}
            repositories[0].languages = dict(MANY)
        runs.run(is_full=True)
        yield runs
        gc.collect()


def _paths(data: Any, before: Path = ()) -> Iterator[Path]:
    """Yield the paths in a response; in lists, only of the first item."""
    yield before
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _paths(value, (*before, key))
    elif isinstance(data, list) and data:
        yield from _paths(data[0], (*before, 0))


def _sample(runs: Runs, group: Group) -> Any:
    """Request a valid response of a kind."""
    runs.simulator.faults.clear()
    account = next(
        each
        for each in runs.world.accounts.values()
        if each.login.startswith('c00')
    )
    first, second, *_ = runs.world.owned_by(account.id)
    headers = {'Authorization': f'Bearer {TOKEN}'}
    if group.kind.startswith('graphql'):
        variables = {
            'login': account.login,
            'first': 100,
            'order': {'field': 'CREATED_AT', 'direction': 'ASC'},
            'ids': [first.node_id],
            'id': first.node_id,
            'after': None,
        }
        query = read_query(group.sample)
        if group.sample == 'more_languages':
            query = query.replace('$after: String!', '$after: String')
        names = re.findall(r'\$(\w+):', query)
        payload = {
            'query': query,
            'variables': {name: variables[name] for name in names},
        }
        url = f'{runs.simulator.url}/graphql'
        answer = requests.post(url, json=payload, headers=headers)
    else:
        path = group.sample.replace('LOGIN', account.login)
        path = path.replace('OTHER', str(second.id))
        path = path.replace('ACCOUNT', str(account.id))
        path = path.replace('REPOSITORY', str(first.id))
        answer = requests.get(runs.simulator.url + path, headers=headers)
    answer.raise_for_status()
    return answer.json()


def _cases(runs: Runs, group: Group, each: int) -> list[faults.Fault]:
    """Return faults: each path and header with `each` of the values.

    With one value each, only every second header and status is used; the next
    group of the same API gets the others.
    """
    step = 2 if each == 1 else 1
    first = GROUPS.index(group) % step if group in GROUPS else 0
    values = itertools.cycle(VALUES)
    found = [
        faults.replaced(path, raw, kind=group.kind)
        for path in _paths(_sample(runs, group))
        for raw in itertools.islice(values, min(each, len(VALUES)))
        if not (path[-1:] == ('remaining',) and raw == '0')
    ]
    headers = [
        faults.Fault(headers={name: value}, kind=group.kind)
        for name, hostile in HEADERS.items()
        for value in hostile[: each + 1]
    ]
    bodies = itertools.cycle(BODIES)
    statuses = [
        faults.Fault(status=status, body=body, kind=group.kind)
        for status in STATUSES
        for body in itertools.islice(bodies, min(each, len(BODIES)))
    ]
    found += headers[first::step] + statuses[first::step]
    found += [
        faults.slow_body(kind=group.kind, last=1),
        faults.truncated_body(kind=group.kind, last=1),
        faults.reset_connection(kind=group.kind, last=1),
    ]
    return found


def _restrict_to(runs: Runs, fault: faults.Fault, login: str) -> faults.Fault:
    """Restrict a fault to the requests for one company."""
    account = runs.world.account_by_login(login)
    assert account is not None
    repositories = runs.world.owned_by(account.id)
    patterns = [f'/{login}\\b', f'"{login}"', f'/user/{account.id}\\b']
    patterns += [f'/repositories/{r.id}\\b' for r in repositories]
    patterns += [re.escape(f'"{r.node_id}"') for r in repositories]
    given = {
        name: getattr(fault, name)
        for name in faults.Fault.__dataclass_fields__
    }
    return faults.Fault(**{**given, 'text': '|'.join(patterns)})


class Fuzzer:
    """Runs in which every company except one gets a bad response."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self.cases = 0
        self.ends: Counter[str] = Counter()
        # current logins: some cases rename accounts
        self.logins = list(LOGINS)

    def try_all(self, group: Group, cases: Sequence[faults.Fault]) -> None:
        """Try cases, forty per run; report the cases that fail."""
        for start in range(0, len(cases), len(LOGINS)):
            some = cases[start : start + len(LOGINS)]
            self.cases += len(some)
            try:
                self._try(group, some)
            except Exception as failure:
                alone = [case for case in some if self._fails(group, case)]
                raise AssertionError(
                    f'{group.kind} by {group.source}: '
                    + '; '.join(f'{case!r:.600}' for case in alone or some)
                ) from failure

    def _fails(self, group: Group, case: faults.Fault) -> bool:
        try:
            self._try(group, [case])
        except Exception:
            return True
        return False

    def _try(self, group: Group, cases: Sequence[faults.Fault]) -> None:
        runs = self.runs
        runs.simulator.faults.clear()
        self._prepare(group)
        runs.simulator.faults.add(
            *(
                _restrict_to(runs, case, login)
                for case, login in zip(cases, self.logins, strict=False)
            )
        )
        with capture_logs() as lines:
            result = runs.run(source=group.source, is_full=True)
        self.ends.update(each.status for each in result.companies)
        messages = [str(line.get('reason', '')) for line in lines]
        messages += [str(each.error) for each in result.companies]
        wrong = [
            line
            for line in messages
            if 'unexpected error' in line or not line.isprintable()
        ]
        assert wrong == []
        self._check_healthy_company(result.run.run_id)

    def _prepare(self, group: Group) -> None:
        """Change the companies so that the run sends the requests to fuzz."""
        world, runs = self.runs.world, self.runs
        if group.before == 'hide':
            for account_id in world.accounts:
                world.owned_by(account_id)[-1].visibility = 'public'
            runs.run(source=group.source, is_full=True)
        runs.next_day()
        for place, login in enumerate(self.logins):
            account = world.account_by_login(login)
            assert account is not None
            _, second, *_, last = world.owned_by(account.id)
            if group.before == 'push':
                world.push(second.id)
            elif group.before == 'rename':
                self.logins[place] = f'{LOGINS[place]}-{world.today:%y%m%d}'
                world.rename_account(account.id, self.logins[place])
            elif group.before == 'hide':
                last.visibility = 'private'

    def _check_healthy_company(self, run_id: int) -> None:
        """Check the run log and the day of the healthy company."""
        runs = self.runs
        assert runs.query(
            'select count(*) from pipeline_runs'
            ' inner join pipeline_run_companies using (run_id)'
            " where run_id = %s and pipeline_runs.status <> 'failed'",
            (run_id,),
        ) == [(len(LOGINS) + 1,)]
        account = runs.world.account_by_login(HEALTHY)
        assert account is not None
        assert runs.query(
            'select repo_id, stars from repo_snapshots'
            ' where company_id = %s and snapshot_date = %s'
            ' and observed_on = snapshot_date order by repo_id',
            (account.id, runs.world.today),
        ) == sorted(
            (repository.id, repository.stars)
            for repository in runs.world.owned_by(account.id)
            if repository.is_public
        )


def _fuzz(runs: Runs, each: int, budgets: int, examples: int) -> None:
    fuzzer = Fuzzer(runs)
    for group in GROUPS:
        fuzzer.try_all(group, _cases(runs, group, each))
    # the budget of each token is requested once for all companies
    for case in _cases(runs, LIMITS, each)[:: max(1, budgets)]:
        runs.simulator.faults.clear()
        runs.simulator.faults.add(case)
        fuzzer.cases += 1
        runs.next_day()
        result = runs.run(LOGINS[0], HEALTHY, is_full=True)
        assert result.unread == [], case
    _try_generated(fuzzer, examples)
    # a tenth of the responses must cause failures, or the fuzzer is useless
    assert fuzzer.ends['failed'] + fuzzer.ends['incomplete'] > (
        fuzzer.cases / 10
    )
    print(
        f'\n{fuzzer.cases:,} hostile responses, none failed another company;'
        f' results: {dict(fuzzer.ends)}'
    )


def _try_generated(fuzzer: Fuzzer, examples: int) -> None:
    """Try values generated by hypothesis."""
    leaves = (
        st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    ) | st.text(st.characters(categories=['Cs', 'Cc', 'Nd', 'So']))
    values = st.recursive(
        leaves,
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ).map(json.dumps)
    groups = [group for group in GROUPS if group.before != 'rename']
    places = {
        group: list(_paths(_sample(fuzzer.runs, group))) for group in groups
    }

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(st.data())
    def try_drawn(data: st.DataObject) -> None:
        group = data.draw(st.sampled_from(groups))
        pairs = st.tuples(st.sampled_from(places[group]), values)
        size = len(LOGINS)
        drawn = data.draw(st.lists(pairs, min_size=size, max_size=size))
        fuzzer.try_all(
            group,
            [
                faults.replaced(path, raw, kind=group.kind)
                for path, raw in drawn
            ],
        )

    try_drawn()


def test_a_hostile_response_fails_only_its_company(runs: Runs) -> None:
    _fuzz(runs, each=1, budgets=12, examples=2)


@pytest.mark.long
def test_every_hostile_response_fails_only_its_company(runs: Runs) -> None:
    _fuzz(runs, each=len(VALUES), budgets=12, examples=100)
