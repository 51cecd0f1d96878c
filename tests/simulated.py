"""Runs of the ingest from a simulated GitHub into a warehouse."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

import requests

from github_simulator import Simulator, World, parse_accounts
from github_warehouse.config import Settings, read_settings
from github_warehouse.ingest import ingest
from github_warehouse.model import Account, Company
from github_warehouse.run_result import RunOptions, RunResult
from github_warehouse.warehouse.audit import audit_stored
from github_warehouse.warehouse.companies import track, untrack
from github_warehouse.warehouse.connection import connect, transaction
from support import SimulatedClock, open_database, warehouse_at

TOKEN = 'simulated-token'


def once(act: Callable[[], object]) -> Callable[..., None]:
    """Return a progress callback that calls `act` at the first company.

    At that moment the run has no database connection open.
    """
    lock, acts = threading.Lock(), [act]

    def report(*_: object) -> None:
        with lock:
            if acts:
                acts.pop()()

    return report


@dataclass
class Runs:
    """Runs of the ingest on a simulated GitHub.

    Attributes:
        url: URL of the warehouse.
        world: state of the simulated GitHub.
        simulator: the server of that world.
        settings: settings of each run.
        clock: clock of the runs and of the simulator.
    """

    url: str
    world: World
    simulator: Simulator
    settings: Settings
    clock: SimulatedClock

    def run(
        self,
        *logins: str,
        day: date | None = None,
        is_full: bool = False,
        source: str = 'auto',
        accept_removals: bool = False,
        meanwhile: Callable[[], object] | None = None,
        **settings: object,
    ) -> RunResult:
        """Ingest once, as of midnight UTC of `day` or of the world's day.

        `meanwhile` is called while GitHub is read.
        """
        as_of = datetime.combine(day or self.world.today, time(), UTC)
        return ingest(
            warehouse_at(self.url),
            replace(self.settings, **settings),  # type: ignore[arg-type]
            RunOptions(logins, is_full, source, accept_removals, as_of),
            once(meanwhile or (lambda: None)),
            self.clock,
        )

    def company_id(self, login: str) -> int:
        """Return the id of an account on the simulated GitHub."""
        account = self.world.account_by_login(login)
        assert account is not None
        return account.id

    def untrack(self, *logins: str) -> None:
        """Untrack companies, as the command does."""
        ids = [self.company_id(login) for login in logins]
        with closing(open_database(self.url)) as connection:
            with transaction(connection) as cursor:
                untrack(cursor, ids)

    def track(self, login: str) -> None:
        """Track a company, as the command does."""
        account = self.world.accounts[self.company_id(login)]
        found = Company(
            Account(account.id, account.login, account.account_type),
            account.login,
        )
        with closing(open_database(self.url)) as connection:
            with transaction(connection) as cursor:
                track(cursor, [found])

    def audit(self, retention_days: int = 30) -> list[str]:
        """Audit all stored rows; return the findings."""
        with connect(warehouse_at(self.url)) as connection:
            return [str(f) for f in audit_stored(connection, retention_days)]

    def query(
        self,
        statement: str,
        parameters: Sequence[object] | Mapping[str, object] = (),
    ) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        with closing(open_database(self.url)) as connection:
            with closing(connection.cursor()) as cursor:
                cursor.execute(statement, parameters)
                return cursor.fetchall()

    def execute(
        self, statement: str, parameters: Sequence[object] = ()
    ) -> None:
        """Run a statement that changes the warehouse."""
        with closing(open_database(self.url)) as connection:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, parameters)

    def use_budget(self, token: str, path: str, requests_sent: int) -> None:
        """Use part of a token's hourly budget."""
        headers = {'Authorization': f'Bearer {token}'}
        for _ in range(requests_sent):
            if path == '/graphql':
                query = {'query': '{rateLimit{cost}}'}
                requests.post(
                    self.simulator.url + path, json=query, headers=headers
                )
            else:
                requests.get(self.simulator.url + path, headers=headers)

    def next_day(self, days: int = 1) -> None:
        """Advance the world by some days without changes."""
        self.world.today = date.fromordinal(
            self.world.today.toordinal() + days
        )


@contextmanager
def serve(
    accounts: str,
    url: str,
    tokens: tuple[str, ...] = (TOKEN,),
    today: date = date(2026, 3, 1),
    **github: Any,
) -> Iterator[Runs]:
    """Serve generated accounts and yield runs that track all of them."""
    specs = parse_accounts(accounts)
    world = World.generate(specs, seed=1, today=today)
    clock = SimulatedClock()
    with Simulator(
        world, tokens=tokens, clock=clock.time, **github
    ) as simulator:
        settings = read_settings(
            {
                'WAREHOUSE_URL': url,
                'GITHUB_API_URL': simulator.url,
                'GITHUB_TOKEN': ','.join(tokens),
                'COMPANIES': ','.join(spec.login for spec in specs),
            }
        )
        yield Runs(url, world, simulator, settings, clock)
