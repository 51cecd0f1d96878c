"""A simulated GitHub to read instead of the real one."""

import datetime
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from github_simulator import (
    GENERATED_VALUES_NOTE,
    PortError,
    Simulator,
    SimulatorError,
    World,
    load_recorded,
    parse_accounts,
)
from github_warehouse.errors import UsageError, WarehouseError
from github_warehouse.model import utc_now
from github_warehouse.printable import counted

_GITHUB_OPENED = datetime.date(2008, 4, 10)
_DEFAULT_ACCOUNTS = 'acme:250,octocat:12:user'


@contextmanager
def simulator_errors() -> Iterator[None]:
    """Raise errors of the simulator as errors of this program."""
    try:
        yield
    except PortError as error:
        raise WarehouseError(str(error)) from error
    except SimulatorError as error:
        raise UsageError(str(error)) from error


@click.command('simulate', epilog=GENERATED_VALUES_NOTE)
@click.option(
    '--load',
    type=click.Path(path_type=Path),
    help='Serve the recorded repositories in this file.',
)
@click.option(
    '--accounts',
    help='Generate these accounts: LOGIN:REPOSITORIES[:user], separated by '
    f'commas [default: {_DEFAULT_ACCOUNTS}].',
)
@click.option(
    '--seed',
    default=1,
    show_default=True,
    help='Random seed for --accounts; the same seed gives the same data.',
)
@click.option(
    '--today',
    type=click.DateTime(['%Y-%m-%d']),
    help='First simulated day [default: the current UTC day].',
)
@click.option(
    '--port',
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help='Port to listen on; 0 chooses a free one.',
)
@click.option(
    '--listen',
    metavar='ADDRESS',
    default='127.0.0.1',
    show_default=True,
    help='Address to listen on; use 0.0.0.0 in a container.',
)
@simulator_errors()
def simulate_command(
    load: Path | None,
    accounts: str | None,
    seed: int,
    today: datetime.datetime | None,
    port: int,
    listen: str,
) -> None:
    """Serve a simulated GitHub, REST and GraphQL, until stopped.

    Point GITHUB_API_URL at it, and every command reads it instead of GitHub.
    The simulated date changes only when you advance it; stars, pushes, renames
    and deletions follow.

    \b
    Examples:
      github-warehouse simulate --accounts google:2800,torvalds:11:user
      github-warehouse simulate --load llnl-2025-12-27.json --port 9000

    \b
    Control it while it runs:
      curl -X POST -d '{"days": 1}' http://127.0.0.1:8080/_simulator/advance
      curl http://127.0.0.1:8080/_simulator/state      (all data)
      curl http://127.0.0.1:8080/_simulator/requests   (request counts)

    \b
    Runs record the current day. To record a simulated day in the past:
      github-warehouse ingest --as-of 2026-11-20T06:00
    """
    world = _make_world(load, accounts, seed, today)
    with Simulator(world, port=port, address=listen) as simulator:
        click.echo(
            'Serving a simulated GitHub with '
            f'{counted(len(world.accounts), "account", "accounts")} and '
            f'{counted(len(world.repositories), "repository", "repositories")}'
            '. To read it:\n\n'
            f'  export GITHUB_API_URL={simulator.url}\n'
            '  export GITHUB_TOKEN=simulated-token\n\n'
            'Press Ctrl-C to stop.'
        )
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _make_world(
    load: Path | None,
    accounts: str | None,
    seed: int,
    today: datetime.datetime | None,
) -> World:
    """Load or generate the simulated data.

    Raises:
        UsageError: the options contradict each other, or the day is too early.
        SimulatorError: the file or the accounts cannot be used.
    """
    if load is not None and accounts is not None:
        raise UsageError('--load and --accounts cannot be combined')
    day = today.date() if today else utc_now().date()
    if day < _GITHUB_OPENED:
        raise UsageError(
            f'--today {day}: GitHub opened on {_GITHUB_OPENED}; use that day '
            'or a later one'
        )
    if load is not None:
        return load_recorded(load, today=day)
    specs = parse_accounts(accounts or _DEFAULT_ACCOUNTS)
    return World.generate(specs, seed=seed, today=day)
