"""The demo: 31 simulated days, ingested into an embedded PostgreSQL."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from datetime import timedelta
from pathlib import Path

from github_simulator import Simulator, World, parse_accounts
from github_warehouse.config import Settings, read_schema
from github_warehouse.environment import Reader
from github_warehouse.ingest import ingest
from github_warehouse.model import utc_now
from github_warehouse.run_result import RunOptions, RunResult
from github_warehouse.warehouse.connection import (
    Warehouse,
    connect,
    open_warehouse,
    transaction,
)
from github_warehouse.warehouse.embedded import delete_server
from github_warehouse.warehouse.migrate import migrate

# The days before today; with today, 31 days.
DAYS = 30
DIRECTORY = Path('.demo')

_ACCOUNTS = 'acme-robotics:160,blue-harbor:90,northwind-labs:60,ada:12:user'
_SEED = 12
_TOKEN = 'simulated-token'


@dataclass(frozen=True)
class Demo:
    """A running demo.

    Attributes:
        warehouse: its own warehouse.
        settings: the settings of its runs.
        world: the repositories of the simulated GitHub.
    """

    warehouse: Warehouse
    settings: Settings
    world: World

    def play(self) -> Iterator[RunResult]:
        """Ingest one day after another, up to today; yield each result."""
        for day in range(DAYS + 1):
            if day:
                self.world.advance(days=1)
            as_of = datetime.combine(self.world.today, time_of_day(), UTC)
            yield ingest(
                self.warehouse, self.settings, RunOptions(as_of=as_of)
            )

    def query(self, sql: str) -> Sequence[tuple[object, ...]]:
        """Run a query on the warehouse; return its rows."""
        with connect(self.warehouse) as connection:
            with transaction(connection) as cursor:
                cursor.execute(sql)
                return cursor.fetchall()


@contextmanager
def open_demo() -> Iterator[Demo]:
    """Start a simulated GitHub and an empty warehouse in DIRECTORY.

    Both stop at the end of the block; the data stay. Data of an earlier demo
    are deleted first.

    Raises:
        RunInProgressError: another demo is running in the same directory.
        UsageError: the directory is not one that a demo created.
    """
    specs = parse_accounts(_ACCOUNTS)
    first_day: date = utc_now().date() - timedelta(days=DAYS)
    world = World.generate(specs, seed=_SEED, today=first_day)
    delete_server(DIRECTORY)
    with Simulator(world, tokens=(_TOKEN,)) as simulator:
        settings = Settings(
            warehouse_url=None,
            warehouse_directory=DIRECTORY,
            migration_url=None,
            schema=read_schema(Reader(os.environ)),
            readers=(),
            api_url=simulator.url,
            tokens=(_TOKEN,),
            companies=tuple(spec.login for spec in specs),
            sweep_every_days=7,
            concurrency=8,
            max_wait_minutes=15,
            run_max_minutes=360,
            retention_days=DAYS,
            max_removed_percent=20,
            log_format='console',
            log_level='info',
            alert_webhook_url=None,
        )
        with open_warehouse(settings) as warehouse:
            migrate(warehouse)
            yield Demo(warehouse, settings, world)
