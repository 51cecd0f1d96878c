"""The options of a run, and its result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from github_warehouse.model import CompanyResult
from github_warehouse.warehouse.runs import RunRecord
from github_warehouse.warehouse.tables import WriteCounts


@dataclass(frozen=True)
class RunOptions:
    """The options of one run, from the command line.

    Attributes:
        logins: companies to read; empty for all tracked companies.
        is_full: whether to sweep every company.
        source: API to read: auto, graphql or rest.
        accept_removals: whether a sweep may remove any number of
            repositories.
        as_of: business time, UTC; None for the clock's time.
    """

    logins: Sequence[str] = ()
    is_full: bool = False
    source: str = 'auto'
    accept_removals: bool = False
    as_of: datetime | None = None


@dataclass(frozen=True)
class RunResult:
    """The result of one run.

    Attributes:
        run: its row in the run log.
        companies: the result of reading each company.
        written: counts of what was written.
        not_found: by login, why a company that is new in COMPANIES was not
            found; each message contains the login.
        out_of_time: message that RUN_MAX_MINUTES was reached after all
            companies were read; else None.
    """

    run: RunRecord
    companies: Sequence[CompanyResult]
    written: WriteCounts
    not_found: Mapping[str, str]
    out_of_time: str | None

    @property
    def failures(self) -> list[str]:
        """Return the messages of all failures except those of companies."""
        return [*self.not_found.values(), *filter(None, [self.out_of_time])]

    @property
    def read(self) -> list[CompanyResult]:
        """Return the companies that were read completely."""
        return [each for each in self.companies if each.status == 'succeeded']

    @property
    def unread(self) -> list[CompanyResult]:
        """Return the companies that were not read completely."""
        return [each for each in self.companies if each.status != 'succeeded']


def log_run(result: RunResult) -> None:
    """Log a summary of a run, in one line."""
    run = result.run
    structlog.get_logger().info(
        'run ends',
        day=str(run.day),
        status='partial' if result.unread or run.error else 'succeeded',
        source=run.source,
        companies=len(result.companies),
        companies_failed=len(result.unread),
        fresh=result.written.snapshots_fresh,
        carried=result.written.snapshots_carried,
        requests=run.requests,
        points=run.points,
        budget_left=run.budget_left,
        warnings=len(result.written.warnings),
        seconds=round(run.elapsed().total_seconds(), 3),
    )
