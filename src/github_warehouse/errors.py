"""Every error a person may meet, with the exit code it ends in.

WarehouseError                  1  something failed
├── UsageError                  2  refused before anything was written
│   ├── SettingsError           2  a setting is missing, empty or malformed
│   └── UnknownCompanyError     2  GitHub knows no such account
├── RunInProgressError         75  another run or migration is going on
├── DatabaseError               1  PostgreSQL cannot be reached or used
│   └── AuditError              1  the rows to be written are wrong
├── PortError                   1  an address cannot be listened on
└── GitHubError                 1  GitHub cannot be read
    ├── TokenRefusedError       1  the token is wrong or expired
    ├── UnreachableError        1  no answer after the last try
    ├── AnswerError             1  an answer that is no use
    ├── AccountGoneError        1  a tracked account cannot be found
    ├── QueryTooLargeError      1  GraphQL ran out of time or resources
    └── ListIncompleteError     1  a list ended before all of it was read

A message is one line: what happened, to what, and what to do next.
"""


class WarehouseError(Exception):
    """Something failed; the message says what."""

    exit_code = 1


class UsageError(WarehouseError):
    """The request is refused; nothing was written."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is missing, empty or malformed."""


class UnknownCompanyError(UsageError):
    """GitHub knows no account of that login."""


class RunInProgressError(WarehouseError):
    """Another run or migration holds the lock or came first."""

    exit_code = 75


class DatabaseError(WarehouseError):
    """PostgreSQL cannot be reached, or not be used as it is."""


class AuditError(DatabaseError):
    """An audit found rows that are wrong; the transaction was undone."""


class PortError(WarehouseError):
    """An address cannot be listened on."""


class GitHubError(WarehouseError):
    """GitHub cannot be read; one company failed, or all of them."""


class TokenRefusedError(GitHubError):
    """GitHub answered 401: the token is wrong, expired or revoked."""


class UnreachableError(GitHubError):
    """GitHub gave no usable answer, up to the last try."""


class AnswerError(GitHubError):
    """GitHub answered something that another try would not change."""


class AccountGoneError(GitHubError):
    """A tracked account is not to be found, neither by login nor by id."""


class QueryTooLargeError(GitHubError):
    """GraphQL ran out of time or resources: ask for a smaller page."""


class ListIncompleteError(GitHubError):
    """A list was read to its end, yet not all of it was in the pages."""
