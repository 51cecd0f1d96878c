"""Which companies a run sweeps, and which it reads incrementally."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from github_warehouse.model import CompanyToRead
from github_warehouse.warehouse.state import State, TrackedCompany

_PAGES_SWEPT_ANYWAY = 3
_PAGE_SIZE = 100
# Rereading is free, for writing is idempotent; missing something is not.
_OVERLAP = timedelta(days=1)


def plan_reading(
    companies: Sequence[CompanyToRead],
    state: State,
    sweep_every_days: int,
    today: date,
    is_full: bool,
    brings_languages: bool,
) -> list[CompanyToRead]:
    """Give each company the time since when it is read, or none for a sweep.

    A sweep is due on the first run, when the last one is old enough, and
    whenever it takes no more requests: when the list is short, or when it has
    no more pages than repositories whose languages were never read.

    Args:
        companies: those to read.
        state: what the warehouse knows of them.
        sweep_every_days: age in days at which a sweep is due.
        today: UTC day of the run.
        is_full: whether every company is swept.
        brings_languages: whether a list includes languages, as by GraphQL.
    """
    tracked = {c.account.account_id: c for c in state.companies}
    planned = []
    for company in companies:
        known = tracked.get(company.account.account_id)
        size = state.known.count(company.account.account_id)
        since = None
        # outside of a list, languages cost a request each
        apart = (
            state.known.count_unread(company.account.account_id)
            if brings_languages
            else 0
        )
        pages = max(_PAGES_SWEPT_ANYWAY, apart)
        # without any day there is nothing to carry forward
        is_partial = not is_full and state.last_day is not None
        if is_partial and size > pages * _PAGE_SIZE:
            since = _since(known, sweep_every_days, today)
        planned.append(replace(company, since=since))
    return planned


def _since(
    known: TrackedCompany | None, sweep_every_days: int, today: date
) -> datetime | None:
    if known is None or known.last_run is None or known.last_sweep is None:
        return None
    # what the driver returns is aware, in the session's zone: UTC
    if (today - known.last_sweep.date()).days >= sweep_every_days:
        return None
    return known.last_run - _OVERLAP
