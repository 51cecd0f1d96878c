"""The command line: the only place that prints, and that exits."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from github_warehouse import __version__
from github_warehouse.cli.company_commands import (
    companies_command,
    track_command,
    untrack_command,
)
from github_warehouse.cli.dashboard_commands import (
    dashboards_command,
    report_command,
)
from github_warehouse.cli.demo_commands import demo_command, simulate_command
from github_warehouse.cli.question_commands import (
    audit_command,
    export_command,
    psql_command,
)
from github_warehouse.cli.statement_command import statements_command
from github_warehouse.cli.status_command import status_command
from github_warehouse.cli.warehouse_commands import (
    ingest_command,
    migrate_command,
)
from github_warehouse.errors import WarehouseError, as_warehouse_error


@contextmanager
def _quiet_when_unread() -> Iterator[None]:
    """Exit without a message when the reader of the output closed it.

    The exit code is that of a program ended by SIGPIPE, so that `set -o
    pipefail` can tell output that was cut short from a failure.
    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        yield
    except (BrokenPipeError, SystemExit) as ending:
        # rich turns the error into a SystemExit
        error = (
            ending.__context__ if isinstance(ending, SystemExit) else ending
        )
        if not isinstance(error, BrokenPipeError):
            raise
        # flushing what is still buffered must not fail again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)


class _Commands(click.Group):
    """Commands that can be piped into `head`; click alone would exit 1."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _quiet_when_unread():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _quiet_when_unread():
            return super().invoke(ctx)


@click.group(
    cls=_Commands, context_settings={'help_option_names': ['-h', '--help']}
)
@click.version_option(__version__, prog_name='github-warehouse')
def cli() -> None:
    """A daily warehouse of companies' public GitHub repositories.

    \b
    Try it:             github-warehouse demo
    Track companies:    github-warehouse migrate
                        COMPANIES=jenkinsci,torvalds github-warehouse ingest

    \b
    Look into it:       github-warehouse status
                        github-warehouse export trending_repos

    Settings come from the environment. Without WAREHOUSE_URL (or all of
    WAREHOUSE_HOST, PORT, DB, USER, PASSWORD) an embedded PostgreSQL is used,
    in WAREHOUSE_DIR (default .warehouse). GITHUB_TOKEN is any GitHub token;
    for public repositories it needs no scope.

    \b
    Completion, for bash (zsh and fish likewise), in ~/.bashrc:
      eval "$(_GITHUB_WAREHOUSE_COMPLETE=bash_source github-warehouse)"

    \b
    Exit codes: 0 done, 1 something failed, 2 usage or settings,
    75 another run is going on, 141 its output was closed early.
    """


for command in (
    audit_command,
    companies_command,
    dashboards_command,
    demo_command,
    export_command,
    ingest_command,
    migrate_command,
    psql_command,
    report_command,
    simulate_command,
    statements_command,
    status_command,
    track_command,
    untrack_command,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; a person's mistake is one line, no traceback."""
    signal.signal(signal.SIGTERM, _exit_cleanly)
    try:
        cli()
    except WarehouseError as error:
        click.echo(f'github-warehouse: {error}', err=True)
        _exit(error.exit_code)
    except Exception as error:
        click.echo(f'github-warehouse: {as_warehouse_error(error)}', err=True)
        _exit(WarehouseError.exit_code)
    except _Terminated:
        click.echo('github-warehouse: ended by SIGTERM', err=True)
        _exit(128 + signal.SIGTERM)
    except SystemExit as ending:
        if not isinstance(ending.code, int):
            raise
        _exit(ending.code)


class _Terminated(SystemExit):
    """SIGTERM came."""


def _exit_cleanly(number: int, frame: object) -> None:
    """End by way of every `finally`, so that nothing is left running."""
    raise _Terminated(128 + number)


def _exit(code: int) -> NoReturn:
    """Exit, without waiting for a request whose answer nobody wants."""
    if threading.active_count() > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
