"""Accounts and repositories of the simulated GitHub."""

import base64
import datetime
from dataclasses import dataclass, field


@dataclass(slots=True)
class Account:
    """An organization or a user.

    `account_type` is 'Organization' or 'User'; times are aware UTC.
    """

    id: int
    login: str
    account_type: str
    created_at: datetime.datetime
    # Repositories of other owners this account collaborates on.
    collaborates_on: set[int] = field(default_factory=set)

    @property
    def node_id(self) -> str:
        """Return the global node id of the account."""
        prefix = 'O' if self.account_type == 'Organization' else 'U'
        return node_id(prefix, self.id)


@dataclass(slots=True)
class Repository:
    """A repository.

    Times are aware UTC in whole seconds; `pushed_at` is None without a
    push. `language` is the primary language, which GitHub stores separately
    from `languages` (bytes by language name). `visibility` is
    'public', 'private' or 'internal'; `open_issues` excludes pull requests.
    """

    id: int
    owner_id: int
    name: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    pushed_at: datetime.datetime | None
    description: str | None = None
    language: str | None = None
    license_spdx: str | None = None
    is_fork: bool = False
    is_archived: bool = False
    visibility: str = 'public'
    stars: int = 0
    forks: int = 0
    open_issues: int = 0
    open_pull_requests: int = 0
    languages: dict[str, int] = field(default_factory=dict)
    topics: tuple[str, ...] = ()
    default_branch: str = 'main'
    # In the old format, from recorded data; new ones are derived from `id`.
    recorded_node_id: str | None = None

    @property
    def node_id(self) -> str:
        """Return the global node id of the repository."""
        return self.recorded_node_id or node_id('R', self.id)

    @property
    def is_public(self) -> bool:
        """Return whether it is visible without a token."""
        return self.visibility == 'public'

    @property
    def size_kilobytes(self) -> int:
        """Return the size on disk: the bytes of code, rounded up."""
        return -(-sum(self.languages.values()) // 1024)


def node_id(prefix: str, number: int) -> str:
    """Return a global node id in the new format, such as `R_kgDOPYXgDw`.

    After the prefix comes `[0, number]` as MessagePack, as in responses
    recorded since 2021.
    """
    if number < 1 << 16:
        packed = b'\x92\x00\xcd' + number.to_bytes(2, 'big')
    else:
        packed = b'\x92\x00\xce' + number.to_bytes(4, 'big')
    text = base64.urlsafe_b64encode(packed).decode().rstrip('=')
    return f'{prefix}_{text}'


def timestamp(moment: datetime.datetime) -> str:
    """Format a time like GitHub: ISO 8601, UTC, whole seconds."""
    # strftime is several times slower, and lists contain many timestamps.
    return moment.isoformat()[:19] + 'Z'
