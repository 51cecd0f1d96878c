"""Every error a person may meet, with the exit code it ends in.

WarehouseError                  1  something failed
├── UsageError                  2  refused before anything was written
│   ├── SettingsError           2  a setting is missing, empty or malformed
│   ├── UnknownCompanyError     2  GitHub knows no such account
│   └── DefinitionError         2  the definition of a dashboard is wrong
├── RunInProgressError         75  another run or migration is going on
├── ClockError                  1  this machine's clock is wrong
├── DatabaseError               1  PostgreSQL cannot be reached or used
│   ├── AuditError              1  the rows to be written are wrong
│   └── DatabaseAwayError       1  PostgreSQL is away, or the connection broke
├── AlertError                  1  an alert cannot be delivered
├── UnexpectedError             1  a bug in this program
├── DashboardError              1  Metabase refuses what it is asked
│   └── MetabaseAwayError       1  Metabase does not answer
└── GitHubError                 1  GitHub cannot be read
    ├── TokenRefusedError       1  a token is wrong or expired
    ├── RateLimitedError        1  a limit that is not worth waiting for
    ├── OutOfTimeError          1  RUN_MAX_MINUTES is over
    ├── UnreachableError        1  no answer after the last try
    ├── AnswerError             1  an answer that is no use
    │   ├── MalformedError      1  it has another form than expected
    │   └── EmptyError          1  the repository has nothing in it yet
    ├── AccountGoneError        1  a tracked account cannot be found
    ├── QueryTooLargeError      1  GraphQL ran out of time or resources
    ├── QueryRefusedError       1  GraphQL is not to be had at all
    │   └── UnknownFieldsError  1  the server is too old for some fields
    └── ListIncompleteError     1  a list ended before all of it was read

A message is one line: what happened, to what, and what to do next.
No message contains a secret or a control character.
"""

import traceback

import structlog

from github_warehouse.printable import printable
from github_warehouse.redact import redact

_LONGEST_LINE = 500


class WarehouseError(Exception):
    """Something failed; the message says what."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(printable(redact(message)))


class UsageError(WarehouseError):
    """The request is refused; nothing was written."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is missing, empty or malformed."""


class UnknownCompanyError(UsageError):
    """GitHub knows no account of that login."""


class DefinitionError(UsageError):
    """The definition of the dashboards cannot be used."""


class RunInProgressError(WarehouseError):
    """Another run or migration holds the lock or came first."""

    exit_code = 75


class ClockError(WarehouseError):
    """This machine's clock differs from GitHub's by more than an hour."""


class DatabaseError(WarehouseError):
    """PostgreSQL cannot be reached, or not be used as it is."""


class AuditError(DatabaseError):
    """An audit found rows that are wrong; the transaction was undone."""


class DatabaseAwayError(DatabaseError):
    """PostgreSQL cannot be reached, or broke the connection."""


class AlertError(WarehouseError):
    """The webhook did not take an alert."""


class UnexpectedError(WarehouseError):
    """An exception that no code expected: a bug in this program."""


class DashboardError(WarehouseError):
    """Metabase refuses what it is asked."""


class MetabaseAwayError(DashboardError):
    """Metabase does not answer, or not yet."""


class GitHubError(WarehouseError):
    """GitHub cannot be read; one company failed, or all of them."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class TokenRefusedError(GitHubError):
    """GitHub answered 401: the token is wrong, expired or revoked."""


class RateLimitedError(GitHubError):
    """GitHub's limit is used up for longer than a run may wait."""


class OutOfTimeError(GitHubError):
    """RUN_MAX_MINUTES is over: nothing more is read."""


class UnreachableError(GitHubError):
    """GitHub gave no usable answer, up to the last try."""


class AnswerError(GitHubError):
    """GitHub answered something that another try would not change."""


class MalformedError(AnswerError):
    """GitHub's answer has another form than was expected."""


class EmptyError(AnswerError):
    """GitHub answered 409: there is nothing in the repository yet."""


class AccountGoneError(GitHubError):
    """A tracked account is not to be found, neither by login nor by id."""


class QueryTooLargeError(GitHubError):
    """GraphQL ran out of time or resources: ask for a smaller page."""


class QueryRefusedError(GitHubError):
    """GraphQL cannot be used for this: REST may do."""


class UnknownFieldsError(QueryRefusedError):
    """The server does not know some fields of a query.

    Attributes:
        fields: their names.
    """

    def __init__(self, message: str, fields: frozenset[str]) -> None:
        super().__init__(message)
        self.fields = fields


class ListIncompleteError(GitHubError):
    """A list was read to its end, yet not all of it was in the pages."""


def one_line(text: object) -> str:
    """Return text from elsewhere as one short line without secrets.

    Characters that do not print become question marks: PostgreSQL stores no
    NUL, UTF-8 has no lone surrogates, and a terminal obeys escape sequences.
    """
    line = ' '.join(redact(str(text)).split())[:_LONGEST_LINE]
    return ''.join(each if each.isprintable() else '?' for each in line)


def as_warehouse_error(error: Exception) -> WarehouseError:
    """Turn an unexpected exception into an error of one line.

    Its traceback is logged at debug level. A WarehouseError is returned as it
    is.
    """
    if isinstance(error, WarehouseError):
        return error
    if isinstance(error, OSError):
        return WarehouseError(one_line(f'the system refused: {error}'))
    if isinstance(error, MemoryError):
        return WarehouseError(
            'there is not enough memory: a run needs a few hundred MiB; raise '
            'the limit, or lower GITHUB_CONCURRENCY'
        )
    structlog.get_logger().debug(
        'unexpected error',
        traceback=''.join(traceback.format_exception(error)),
    )
    said = one_line(f'{type(error).__name__}: {error}')
    return UnexpectedError(
        f'unexpected error, {said}: please report it, with the log of a run '
        'with LOG_LEVEL=debug'
    )
