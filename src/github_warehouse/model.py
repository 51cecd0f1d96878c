"""What is known of GitHub's accounts and repositories, apart from storage."""

from dataclasses import dataclass
from datetime import UTC, datetime

SWEEP = 'sweep'


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
        open_issues: open issues and open pull requests together.
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
    stars: int
    forks: int
    open_issues: int
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
