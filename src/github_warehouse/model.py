"""What is known of GitHub's accounts and repositories, apart from storage."""

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
        account_id: GitHub's numeric id.
        login: spelled as GitHub spells it.
        account_type: Organization or User, in GitHub's words.
    """

    account_id: int
    login: str
    account_type: str


@dataclass(frozen=True, slots=True)
class RepoObservation:
    """What GitHub said of one public repository in this run.

    Attributes:
        metrics: by name, those of metrics.METRICS; None, or no entry, where
            GitHub did not give one. A flag is a bool.
        languages: bytes of code by language; None when they were not read.
        pushed_at: None when nothing was ever pushed.
        license: SPDX id; None when there is none.

    Times are aware and in UTC; None where GitHub gave none.
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
    """Return the text without what PostgreSQL's text cannot hold.

    NUL bytes and lone surrogates, both of which JSON can carry:
    https://www.postgresql.org/docs/current/datatype-character.html
    """
    if value.isascii() and '\0' not in value:
        return value
    return value.replace('\0', '').encode('utf-8', 'replace').decode('utf-8')


def utc_now() -> datetime:
    """Tell the time, aware, in UTC."""
    return datetime.now(UTC)


class KnownRepository(NamedTuple):
    """A repository that the warehouse holds as present.

    Attributes:
        node_id: GitHub's GraphQL id; None where none was given.
        was_missing: the last sweep of its company did not see it either.
        full_name: as last observed.
        stars: as last observed.
        languages_pushed_at: the push its languages were read after, in
            seconds since 1970; None when there was none.
        languages_are_due: they must be read, even if nobody pushed since.
        languages_never_read: they were never read in this tracking period.
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
        account: as GitHub last gave it.
        tracked_login: login under which it was first tracked; LOGIN#ID once
            another account is tracked under that login. The column is
            `ingestion_state.source`.
        is_tracked: whether the daily ingest records it.
        repositories: those it has now, count; of one just found, as GitHub
            counts them.
        last_run: watermark, UTC; None before the first complete run.
        last_sweep: start of its last complete sweep, UTC.
    """

    account: Account
    tracked_login: str
    is_tracked: bool = False
    repositories: int = 0
    last_run: datetime | None = None
    last_sweep: datetime | None = None


@dataclass(frozen=True, slots=True)
class CompanyResult:
    """How the reading of one company went.

    Attributes:
        account: as GitHub gave it in this run, or as last known.
        started_at: business time, UTC; becomes the watermark.
        status: succeeded; incomplete: what came is kept; failed: nothing of
            it was read whole, so that it is carried forward.
        mode: sweep or incremental.
        read_by: graphql or rest.
        budget_left: requests or points left, as GitHub last said.
        error: what went wrong, in one line.
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
