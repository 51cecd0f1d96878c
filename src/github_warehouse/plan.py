"""Choose which companies a run sweeps and which it reads incrementally."""

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
        since: read repositories that changed since then, UTC; None for a
            sweep.
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
    """Choose a sweep or an incremental reading for each company.

    A company is swept on its first run, when its last sweep is old enough,
    and whenever a sweep takes no more requests: when its list is short, or has
    no more pages than it has repositories whose languages were never read.

    Args:
        companies: companies to read.
        state: what the warehouse holds.
        sweep_every_days: age of the last sweep, in days, that makes the next
            one due.
        today: UTC day of the run.
        is_full: whether every company is swept.
        brings_languages: whether lists include languages, as with GraphQL.
    """
    # before the first day there is nothing to carry forward
    is_partial = not is_full and state.last_day is not None
    planned = []
    for company in companies:
        since = None
        if is_partial and not _is_cheap_to_sweep(
            company, state, brings_languages
        ):
            since = _since(company, sweep_every_days, today)
        planned.append(PlannedReading(company, since))
    return planned


def _is_cheap_to_sweep(
    company: Company, state: State, brings_languages: bool
) -> bool:
    """Return whether a sweep takes no more requests than the alternative."""
    company_id = company.account.account_id
    # languages that are not in a list cost one request per repository
    unread = state.known.count_unread(company_id) if brings_languages else 0
    pages = max(_SHORT_LIST_PAGES, unread)
    return state.known.count(company_id) <= pages * _PAGE_SIZE


def _since(
    company: Company, sweep_every_days: int, today: date
) -> datetime | None:
    """Return since when to read a company, UTC; None when a sweep is due."""
    if company.last_run is None or company.last_sweep is None:
        return None
    # timestamps from PostgreSQL are in the session's time zone, which is UTC
    if (today - company.last_sweep.date()).days >= sweep_every_days:
        return None
    return company.last_run - _OVERLAP
