"""What a person sees while waiting; nothing where no terminal is."""

from types import TracebackType

from rich.console import Console
from rich.progress import Progress, TaskID, TextColumn, TimeElapsedColumn


class FetchProgress:
    """A line for each company that is being read, on standard error."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn('{task.description}'),
            TextColumn('{task.completed:,.0f} repositories'),
            TimeElapsedColumn(),
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

    def advance(self, company: str, repositories: int) -> None:
        """Show that so many repositories of a company were read by now."""
        if company not in self._tasks:
            self._tasks[company] = self._bar.add_task(company, total=None)
        self._bar.update(self._tasks[company], completed=repositories)
