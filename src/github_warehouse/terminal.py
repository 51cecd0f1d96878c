"""What a person sees: progress where there is a terminal, and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    """A line for each company that is being read, on standard error."""

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
        """Show that so many repositories of a company were read by now."""
        if company not in self._tasks:
            self._tasks[company] = self._bar.add_task(
                printable(company), total=None
            )
        self._bar.update(
            self._tasks[company], completed=repositories, total=total
        )


class _CountColumn(ProgressColumn):
    """How many repositories, of how many, and how many a second."""

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
    """A column of a table for people; names its unit where it has one."""

    heading: str


def print_table(
    console: Console,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
) -> None:
    """Print rows as a table: text to the left, numbers to the right."""
    table = Table(
        title=Text(title, style='bold'), title_justify='left', box=box.SIMPLE
    )
    for place, column in enumerate(columns):
        is_number = any(
            isinstance(row[place], int | float | Decimal) for row in rows
        )
        table.add_column(
            column.heading, justify='right' if is_number else 'left'
        )
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return '–'
    if isinstance(value, int | Decimal):
        return f'{value:,}'
    return printable(str(value))
