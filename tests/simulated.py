"""A warehouse, a simulated GitHub, and runs of the one on the other."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

import psycopg2
import requests

from github_warehouse.config import Settings, read_settings
from github_warehouse.ingest import Outcome, Request, ingest
from github_warehouse.simulator import Simulator, World, parse_accounts
from support import PatientClock, warehouse_at

TOKEN = 'simulated-token'


class Unseen:
    """Progress that nobody watches."""

    def advance(
        self, company: str, repositories: int, total: int | None = None
    ) -> None:
        """Show nothing."""


@dataclass
class Runs:
    """Runs of the ingest on a simulated GitHub.

    Attributes:
        url: of the warehouse.
        world: the GitHub that is read.
        simulator: which serves it.
        settings: what each run is given.
        clock: of both sides.
    """

    url: str
    world: World
    simulator: Simulator
    settings: Settings
    clock: PatientClock

    def run(
        self,
        *logins: str,
        day: date | None = None,
        is_full: bool = False,
        source: str = 'auto',
        accept_removals: bool = False,
        **settings: object,
    ) -> Outcome:
        """Ingest once, at midnight of the world's day or of another."""
        as_of = datetime.combine(day or self.world.today, time(), UTC)
        return ingest(
            warehouse_at(self.url),
            replace(self.settings, **settings),  # type: ignore[arg-type]
            Request(logins, is_full, source, accept_removals, as_of),
            Unseen(),
            self.clock,
        )

    def ask(
        self, question: str, parameters: Sequence[object] = ()
    ) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        with closing(psycopg2.connect(self.url)) as connection:
            with closing(connection.cursor()) as cursor:
                cursor.execute(question, parameters)
                return cursor.fetchall()

    def spend(self, token: str, path: str, requests_sent: int) -> None:
        """Use up a part of a token's hour."""
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
        """Let days pass without a change."""
        self.world.today = date.fromordinal(
            self.world.today.toordinal() + days
        )


def serve(
    accounts: str,
    url: str,
    tokens: tuple[str, ...] = (TOKEN,),
    today: date = date(2026, 3, 1),
    **github: Any,
) -> Iterator[Runs]:
    """Serve generated accounts, all of them tracked."""
    specs = parse_accounts(accounts)
    world = World.generate(specs, seed=1, today=today)
    clock = PatientClock()
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
