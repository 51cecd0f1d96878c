"""Which companies a run sweeps, and which it reads incrementally."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from github_warehouse.model import Company
from github_warehouse.warehouse.state import State

_SHORT_LIST_PAGES = 3
_PAGE_SIZE = 100
# Reading a repository twice is free, because writing is idempotent.
_OVERLAP = timedelta(days=1)


class PlannedReading(NamedTuple):
    """How to read one company.

    Attributes:
        company: the company.
        since: read what changed since then, UTC; None for a sweep.
    """

    company: Company
    since: datetime | None


def plan_reading(
    companies: Sequence[Company],
    state: State,
    sweep_every_days: int,
    today: date,
    is_full: bool,
    brings_languages: bool,
) -> list[PlannedReading]:
    """Choose for each company between a sweep and an incremental reading.

    A sweep is due on the first run, when the last one is old enough, and
    whenever it takes no more requests: when the list is short, or when it has
    no more pages than repositories whose languages were never read.

    Args:
        companies: companies to read.
        state: what the warehouse knows of them.
        sweep_every_days: age in days at which a sweep is due.
        today: UTC day of the run.
        is_full: whether every company is swept.
        brings_languages: whether a list includes languages, as by GraphQL.
    """
    # without any day there is nothing to carry forward
    is_partial = not is_full and state.last_day is not None
    planned = []
    for company in companies:
        company_id = company.account.account_id
        # outside of a list, languages cost a request each
        unread = (
            state.known.count_unread(company_id) if brings_languages else 0
        )
        pages = max(_SHORT_LIST_PAGES, unread)
        since = None
        if is_partial and state.known.count(company_id) > pages * _PAGE_SIZE:
            since = _since(company, sweep_every_days, today)
        planned.append(PlannedReading(company, since))
    return planned


def _since(
    company: Company, sweep_every_days: int, today: date
) -> datetime | None:
    if company.last_run is None or company.last_sweep is None:
        return None
    # what the driver returns is aware, in the session's zone: UTC
    if (today - company.last_sweep.date()).days >= sweep_every_days:
        return None
    return company.last_run - _OVERLAP
