"""Accounts, repositories and companies, independent of how they are stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

SWEEP = 'sweep'
INCREMENTAL = 'incremental'


@dataclass(frozen=True, slots=True)
class Account:
    """An account on GitHub.

    Attributes:
        account_id: GitHub's numeric ID.
        login: in GitHub's spelling.
        account_type: Organization or User, as GitHub names it.
    """

    account_id: int
    login: str
    account_type: str


@dataclass(frozen=True, slots=True)
class RepoObservation:
    """One public repository as observed in this run.

    Attributes:
        metrics: values of the metrics in metrics.METRICS, by name; None or no
            entry if GitHub did not return a value. A flag is a bool.
        languages: bytes of code by language; None if they were not read.
        pushed_at: None if nothing was ever pushed.
        license: SPDX ID; None if there is no license.

    Times are aware and in UTC; None if GitHub did not return one.
    """

    repo_id: int
    node_id: str | None
    owner: Account
    name: str
    full_name: str
    language: str | None
    created_at: datetime | None
    updated_at: datetime | None
    pushed_at: datetime | None
    is_fork: bool
    is_archived: bool
    license: str | None
    metrics: Mapping[str, int | None]
    languages: dict[str, int] | None


def storable_text(value: str) -> str:
    """Return the text without the characters that PostgreSQL cannot store.

    These are NUL, which is removed, and lone surrogates, which become question
    marks. JSON can contain both:
    https://www.postgresql.org/docs/current/datatype-character.html
    """
    if value.isascii() and '\0' not in value:
        return value
    return value.replace('\0', '').encode('utf-8', 'replace').decode('utf-8')


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


class KnownRepository(NamedTuple):
    """A repository that the warehouse holds and that was not removed.

    Attributes:
        node_id: GitHub's GraphQL ID; None if unknown.
        was_missing: whether it was missing in the last sweep of its company.
        full_name: as last observed.
        stars: as last observed.
        languages_pushed_at: time of the latest push when its languages were
            last read, in seconds since 1970; None if there was no push.
        languages_are_due: whether its languages must be read even without a
            new push.
        languages_never_read: whether its languages were never read in this
            tracking period.
    """

    repo_id: int
    node_id: str | None
    was_missing: bool
    full_name: str
    stars: int
    languages_pushed_at: float | None
    languages_are_due: bool
    languages_never_read: bool


@dataclass(frozen=True, slots=True)
class Company:
    """A company that is tracked, was tracked, or was just found on GitHub.

    Attributes:
        account: as last read from GitHub.
        tracked_login: login under which it was first tracked; LOGIN#ID once
            another account is tracked under that login. The column is
            `ingestion_state.source`.
        is_tracked: whether the daily ingest reads it.
        repositories: number of repositories it has now; as GitHub counts them
            for a company that was just found.
        last_run: watermark, UTC; None before the first complete run.
        last_sweep: start of its last complete sweep, UTC; None before the
            first.
    """

    account: Account
    tracked_login: str
    is_tracked: bool = False
    repositories: int = 0
    last_run: datetime | None = None
    last_sweep: datetime | None = None


@dataclass(frozen=True, slots=True)
class CompanyResult:
    """The result of reading one company.

    Attributes:
        account: as read in this run, or as last known.
        started_at: business time, UTC; becomes the watermark.
        finished_at: business time, UTC.
        status: succeeded; incomplete: the repositories that were read are
            kept; failed: all its repositories are carried forward.
        mode: sweep or incremental.
        read_by: API that it was read with: graphql or rest.
        repositories_observed: count.
        requests: number of requests sent.
        points: GraphQL points spent.
        budget_left: requests or points left of the rate limit, as last
            reported by GitHub; None if unknown.
        error: what went wrong, in one line; None if nothing did.
    """

    account: Account
    started_at: datetime
    finished_at: datetime
    status: str
    mode: str
    read_by: str
    repositories_observed: int
    requests: int
    points: int
    budget_left: int | None
    error: str | None
