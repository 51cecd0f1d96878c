"""Every error that a user can see, with its exit code.

WarehouseError                  1  something failed
├── UsageError                  2  the command or a setting is wrong
│   ├── SettingsError           2  a setting is missing, empty or malformed
│   ├── UnknownCompanyError     2  GitHub has no account with that login
│   └── DefinitionError         2  the definition of a dashboard is wrong
├── RunInProgressError         75  another run or migration is in progress
├── InterruptError            130  ended by Ctrl-C
├── ClockError                  1  this machine's clock is wrong
├── DatabaseError               1  PostgreSQL failed or cannot be reached
│   ├── AuditError              1  an audit found wrong rows
│   └── DatabaseAwayError       1  PostgreSQL is down or the connection broke
├── AlertError                  1  an alert could not be delivered
├── UnexpectedError             1  a bug in this program
├── DashboardError              1  Metabase rejected a request
│   └── MetabaseAwayError       1  Metabase does not answer
└── GitHubError                 1  GitHub cannot be read
    ├── TokenRefusedError       1  a token is wrong, expired or revoked
    ├── RateLimitedError        1  a rate limit lasts too long to wait for
    ├── OutOfTimeError          1  the run has reached RUN_MAX_MINUTES
    ├── UnreachableError        1  no usable answer after the last attempt
    ├── AnswerError             1  an answer that a retry would not change
    │   ├── MalformedError      1  an answer does not have the expected form
    │   └── EmptyError          1  the repository is empty
    ├── AccountGoneError        1  a tracked account no longer exists
    ├── QueryTooLargeError      1  a query ran out of time or resources
    ├── QueryRefusedError       1  GraphQL is not available
    │   └── UnknownFieldsError  1  the server does not have some fields
    └── ListIncompleteError     1  a list lacks some of its items

A message is one line: what happened, to what, and what to do next.
No message contains a secret or a control character.
"""

import traceback

import structlog

from github_warehouse.printable import printable
from github_warehouse.redact import redact

_LONGEST_LINE = 500


class WarehouseError(Exception):
    """Something failed."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(printable(redact(message)))


class UsageError(WarehouseError):
    """The command or a setting is wrong; nothing was written."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is missing, empty or malformed."""


class UnknownCompanyError(UsageError):
    """GitHub has no account with that login."""


class DefinitionError(UsageError):
    """The definition of a dashboard is wrong."""


class RunInProgressError(WarehouseError):
    """Another run or migration is in progress, or another run wrote first."""

    exit_code = 75


class InterruptError(WarehouseError):
    """The user pressed Ctrl-C."""

    # 128 + SIGINT, as in a shell
    exit_code = 130


class ClockError(WarehouseError):
    """This machine's clock differs from GitHub's by more than an hour."""


class DatabaseError(WarehouseError):
    """PostgreSQL failed or cannot be reached."""


class AuditError(DatabaseError):
    """An audit found wrong rows; a run that wrote them was rolled back."""


class DatabaseAwayError(DatabaseError):
    """PostgreSQL is down or the connection broke."""


class AlertError(WarehouseError):
    """An alert could not be delivered to the webhook."""


class UnexpectedError(WarehouseError):
    """A bug in this program: an exception that no code handles."""


class DashboardError(WarehouseError):
    """Metabase rejected a request."""


class MetabaseAwayError(DashboardError):
    """Metabase does not answer, or is still starting."""


class GitHubError(WarehouseError):
    """GitHub cannot be read, for one company or for all of them."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class TokenRefusedError(GitHubError):
    """GitHub answered 401: the token is wrong, expired or revoked."""


class RateLimitedError(GitHubError):
    """A rate limit lasts longer than MAX_WAIT_MINUTES, or keeps returning."""


class OutOfTimeError(GitHubError):
    """The run has reached RUN_MAX_MINUTES and stops reading."""


class UnreachableError(GitHubError):
    """GitHub gave no usable answer, even on the last attempt."""


class AnswerError(GitHubError):
    """GitHub gave an unusable answer that a retry would not change."""


class MalformedError(AnswerError):
    """GitHub's answer does not have the expected form."""


class EmptyError(AnswerError):
    """GitHub answered 409: the repository is empty."""


class AccountGoneError(GitHubError):
    """A tracked account no longer exists, neither by login nor by id."""


class QueryTooLargeError(GitHubError):
    """A query ran out of time or resources; a smaller page may work."""


class QueryRefusedError(GitHubError):
    """GraphQL is not available, or not for this query; REST may work."""


class UnknownFieldsError(QueryRefusedError):
    """The server does not know some fields of a query.

    Attributes:
        fields: their names.
    """

    def __init__(self, message: str, fields: frozenset[str]) -> None:
        super().__init__(message)
        self.fields = fields


class ListIncompleteError(GitHubError):
    """A list was read to its end, but lacks some of its items."""


def one_line(text: object) -> str:
    """Return untrusted text as one line of at most 500 characters.

    Secrets are redacted. Unprintable characters become question marks:
    PostgreSQL cannot store NUL, UTF-8 cannot encode lone surrogates, and
    terminals execute escape sequences.
    """
    line = ' '.join(redact(str(text)).split())[:_LONGEST_LINE]
    return ''.join(c if c.isprintable() else '?' for c in line)


def as_warehouse_error(error: BaseException) -> WarehouseError:
    """Turn any exception into an error with a one-line message.

    A WarehouseError is returned unchanged. The traceback of an exception that
    no code handles is logged at debug level.
    """
    if isinstance(error, WarehouseError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return InterruptError('ended by Ctrl-C')
    if isinstance(error, OSError):
        return WarehouseError(one_line(f'operating system error: {error}'))
    if isinstance(error, MemoryError):
        return WarehouseError(
            'out of memory: a run needs a few hundred MiB; raise the limit, '
            'or lower GITHUB_CONCURRENCY'
        )
    structlog.get_logger().debug(
        'unexpected error',
        traceback=''.join(traceback.format_exception(error)),
    )
    reason = one_line(f'{type(error).__name__}: {error}')
    return UnexpectedError(
        f'unexpected error, {reason}: please report it, with the log of a '
        'run with LOG_LEVEL=debug'
    )
