"""The command line: the only package that prints and exits."""

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
from github_warehouse.cli.demo_command import demo_command
from github_warehouse.cli.export_command import export_command
from github_warehouse.cli.question_commands import (
    audit_command,
    psql_command,
)
from github_warehouse.cli.simulate_command import simulate_command
from github_warehouse.cli.statement_command import statements_command
from github_warehouse.cli.status_command import status_command
from github_warehouse.cli.streams import (
    drop_output,
    flush_output,
    prepare_streams,
)
from github_warehouse.cli.warehouse_commands import (
    ingest_command,
    migrate_command,
)
from github_warehouse.errors import WarehouseError, as_warehouse_error
from github_warehouse.logs import configure_logs


@contextmanager
def _exit_on_closed_pipe() -> Iterator[None]:
    """Exit without a message when the reader of the output closes the pipe.

    The exit code is that of a program ended by SIGPIPE, so that with `set -o
    pipefail` a script can distinguish it from a failure.
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
        # flushing the buffer at exit must not fail again
        drop_output()
        sys.exit(128 + signal.SIGPIPE)


class _PipeableGroup(click.Group):
    """Commands that can be piped into `head`; click alone would exit 1."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _exit_on_closed_pipe():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _exit_on_closed_pipe():
                return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise as_warehouse_error(error) from error


@click.group(
    cls=_PipeableGroup,
    context_settings={'help_option_names': ['-h', '--help']},
)
@click.version_option(__version__, prog_name='github-warehouse')
def cli() -> None:
    """Record the public GitHub repositories of companies, every day.

    A company is a GitHub organization or user. The warehouse is a PostgreSQL
    database with one snapshot per repository per day: stars, forks, open
    issues and bytes per language.

    \b
    Try it without a token:
      github-warehouse demo

    \b
    Track companies:
      export GITHUB_TOKEN=...            (github.com/settings/tokens; no scope)
      export COMPANIES=jenkinsci,torvalds
      github-warehouse ingest            (every day)

    \b
    See the results:
      github-warehouse status
      github-warehouse export trending_repos
      github-warehouse report

    Settings are environment variables; the file `env` in the repository
    explains each. WAREHOUSE_URL (or WAREHOUSE_HOST, _PORT, _DB, _USER and
    _PASSWORD) selects a PostgreSQL server: run `github-warehouse migrate`
    before the first ingest and after every upgrade. Without it, an embedded
    PostgreSQL in WAREHOUSE_DIR (default .warehouse) runs while a command
    needs it. Without GITHUB_TOKEN, GitHub allows 60 requests an hour.

    \b
    Shell completion for bash (zsh and fish are similar), in ~/.bashrc:
      eval "$(_GITHUB_WAREHOUSE_COMPLETE=bash_source github-warehouse)"

    \b
    Exit codes: 0 done, 1 something failed, 2 wrong usage or settings,
    75 another run is in progress, 130 ended by Ctrl-C, 141 the output was
    closed early (0 for `export`), 143 ended by SIGTERM.
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
    """Run the command line; print any error as one line, and exit."""
    prepare_streams()
    configure_logs('console')
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
    """Ends the program because of SIGTERM."""


def _exit_cleanly(number: int, frame: object) -> None:
    """Exit by an exception, so that `finally` blocks stop PostgreSQL."""
    raise _Terminated(128 + number)


def _exit(code: int) -> NoReturn:
    """Exit without waiting for threads whose requests are in progress."""
    try:
        flush_output()
    except OSError as error:
        if code == 0:
            click.echo(
                f'github-warehouse: {as_warehouse_error(error)}', err=True
            )
            code = WarehouseError.exit_code
    if threading.active_count() > 1:
        os._exit(code)
    sys.exit(code)
