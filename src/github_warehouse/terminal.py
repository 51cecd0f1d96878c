"""Output for people: progress bars, lines and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import TracebackType

import click
from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from github_warehouse.printable import printable


class FetchProgress:
    """Shows a progress bar per company on standard error.

    Shows nothing when standard error is not a terminal.
    """

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn('{task.description}', markup=False),
            _CountColumn(),
            BarColumn(bar_width=20),
            TimeElapsedColumn(),
            TextColumn('left'),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> 'FetchProgress':
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def advance(
        self, company: str, repositories: int, total: int | None = None
    ) -> None:
        """Update the bar of a company.

        Args:
            company: the company's login.
            repositories: how many were read so far.
            total: how many there are; None when unknown.
        """
        if company not in self._tasks:
            self._tasks[company] = self._bar.add_task(
                printable(company), total=None
            )
        self._bar.update(
            self._tasks[company], completed=repositories, total=total
        )


class _CountColumn(ProgressColumn):
    """Shows repositories read, their total, and repositories per second."""

    def render(self, task: Task) -> Text:
        count = f'{task.completed:,.0f}'
        if task.total is not None:
            count += f' of {task.total:,.0f}'
        speed = task.finished_speed or task.speed
        rate = f', {speed:,.0f}/s' if speed else ''
        return Text(f'{count} repositories{rate}')


def say(line: str, err: bool = False) -> None:
    """Print a line that may contain text from GitHub."""
    click.echo(printable(line), err=err)


@dataclass(frozen=True)
class Column:
    """A column of a printed table; the heading includes the unit, if any."""

    heading: str


def print_table(
    console: Console,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
) -> None:
    """Print rows as a table.

    Columns with numbers are right-aligned. Times are not wrapped.
    """
    table = Table(
        title=Text(title, style='bold'),
        title_justify='left',
        box=box.SIMPLE,
        collapse_padding=True,
        pad_edge=False,
    )
    for index, column in enumerate(columns):
        has_numbers = any(
            isinstance(row[index], int | float | Decimal) for row in rows
        )
        table.add_column(
            column.heading,
            justify='right' if has_numbers else 'left',
            no_wrap=any(isinstance(row[index], datetime) for row in rows),
        )
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return '–'
    if isinstance(value, int | Decimal):
        return f'{value:,}'
    if isinstance(value, datetime):
        return f'{value:%Y-%m-%d %H:%M}'
    return printable(str(value))
