"""Choose which companies a run sweeps and which it reads incrementally."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from github_warehouse.model import Company
from github_warehouse.warehouse.state import State

_SHORT_LIST_PAGES = 3
_PAGE_SIZE = 100
# Reading a repository again does no harm, because writing is idempotent.
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
    lists_have_languages: bool,
) -> list[PlannedReading]:
    """Choose a sweep or an incremental reading for each company.

    A company is swept on its first run, when a sweep is due, and when a sweep
    takes no more requests than an incremental reading. That is so if its list
    is short; or if the list includes languages, and has no more pages than
    there are repositories whose languages were never read.

    Args:
        companies: companies to read.
        state: state of the warehouse.
        sweep_every_days: days after the last sweep until the next is due.
        today: UTC day of the run.
        is_full: whether to sweep every company.
        lists_have_languages: whether lists include languages, as with
            GraphQL.
    """
    # before the first day there is nothing to carry forward
    is_partial = not is_full and state.last_day is not None
    planned = []
    for company in companies:
        since = None
        if is_partial and not _is_cheap_to_sweep(
            company, state, lists_have_languages
        ):
            since = _since(company, sweep_every_days, today)
        planned.append(PlannedReading(company, since))
    return planned


def _is_cheap_to_sweep(
    company: Company, state: State, lists_have_languages: bool
) -> bool:
    """Return whether a sweep takes no more requests than not sweeping."""
    company_id = company.account.account_id
    # without a sweep, these languages cost one request per repository
    unread = (
        state.known.count_unread(company_id) if lists_have_languages else 0
    )
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
