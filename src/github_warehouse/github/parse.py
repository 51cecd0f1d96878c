"""Validate and convert the values in GitHub's answers.

Every function raises a MalformedError for a value of the wrong type. The
argument `what` names the value in its message.
"""

import reprlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from github_warehouse.errors import MalformedError
from github_warehouse.metrics import Metric
from github_warehouse.model import Account, storable_text

_LARGEST_INTEGER = 2**31 - 1
_LARGEST_BIGINT = 2**63 - 1
# A tebibyte: the sum over eight million repositories fits PostgreSQL's bigint.
_LARGEST_LANGUAGE = 2**40
# Linguist, which GitHub uses to detect languages, knows about 800.
_MAX_LANGUAGES = 2000
# GitHub's names have at most 100 characters, owner/name about 140. The limit
# of PostgreSQL's indexes is 2,700 bytes.
_LONGEST_TEXT = 255
_FIRST_YEAR, _LAST_YEAR = 1970, 2999


@contextmanager
def malformed_on_error(what: str) -> Iterator[None]:
    """Turn exceptions that unexpected JSON causes into a MalformedError."""
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as e:
        raise MalformedError(
            f'GitHub returned {what} in an unexpected form: '
            f'{type(e).__name__} {e}'
        ) from e


def integer(value: object, what: str, largest: int = _LARGEST_BIGINT) -> int:
    """Return the value if it is a whole number from 0 to `largest`."""
    if type(value) is not int or not 0 <= value <= largest:
        raise MalformedError(
            f'GitHub returned {reprlib.repr(value)} for {what}'
        )
    return value


def count(value: object, what: str) -> int:
    """Return the value if it is a count that fits PostgreSQL's integer."""
    return integer(value, what, _LARGEST_INTEGER)


def metric(declared: Metric, value: object, what: str) -> int | None:
    """Return a metric's value; None if it is missing and may be null.

    Args:
        declared: the metric.
        value: the value that GitHub gave.
        what: the repository, for the message.
    """
    if value is None and not declared.is_required:
        return None
    if type(value) is int and 0 <= value <= _LARGEST_INTEGER:
        if declared.kind == 'count':
            # the usual case: do not format a message
            return value
    check = flag if declared.kind == 'flag' else count
    return check(value, f'{declared.name} of {what}')


def text(value: object, what: str) -> str:
    """Return the value if it is text of 1 to 255 characters.

    Characters that PostgreSQL cannot store are removed or replaced.
    """
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise MalformedError(
            f'GitHub returned {reprlib.repr(value)} for {what}'
        )
    stored = storable_text(value)
    if not stored:
        raise MalformedError(
            f'GitHub returned {reprlib.repr(value)} for {what}'
        )
    return stored


def optional_text(value: object, what: str) -> str | None:
    """Return the value if it is text; None if it is null or empty."""
    return None if value in (None, '') else text(value, what)


def flag(value: object, what: str) -> bool:
    """Return the value if it is true or false."""
    if not isinstance(value, bool):
        raise MalformedError(
            f'GitHub returned {reprlib.repr(value)} for {what}'
        )
    return value


def moment(value: object, what: str) -> datetime | None:
    """Return the time, in UTC; None if it is null.

    Some answers have whole seconds since 1970 instead of ISO 8601.
    """
    if value is None:
        return None
    if type(value) is int and 0 <= value < _LARGEST_INTEGER:
        return datetime.fromtimestamp(value, UTC)
    try:
        parsed = datetime.fromisoformat(text(value, what))
        utc = parsed.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise MalformedError(
            f'GitHub returned {reprlib.repr(value)} for {what}'
        ) from error
    if parsed.tzinfo is None or not _FIRST_YEAR <= utc.year <= _LAST_YEAR:
        raise MalformedError(
            f'GitHub returned {reprlib.repr(value)} for {what}'
        )
    return utc


def compared(value: object, since: datetime) -> int:
    """Compare a time with another.

    Returns:
        -1 if it is before `since`, 0 if it is null, 1 otherwise. A malformed
        time gives 1, so that parsing the repository reports it.
    """
    try:
        at = moment(value, 'a time')
    except MalformedError:
        return 1
    if at is None:
        return 0
    return -1 if at < since else 1


def record(value: object, what: str) -> dict[str, Any]:
    """Return the value if it is a JSON object."""
    if not isinstance(value, dict):
        raise MalformedError(
            f'GitHub returned {type(value).__name__} for {what}'
        )
    return value


def languages(
    listed: Iterable[tuple[object, object]], what: str
) -> dict[str, int]:
    """Return the bytes of each language if no language is repeated."""
    sizes: dict[str, int] = {}
    for name, size in listed:
        language = text(name, f'a language of {what}')
        if language in sizes or len(sizes) == _MAX_LANGUAGES:
            raise MalformedError(
                f'GitHub returned {language!r} twice, or more than '
                f'{_MAX_LANGUAGES} languages, for {what}'
            )
        sizes[language] = integer(size, f'bytes of {what}', _LARGEST_LANGUAGE)
    return sizes


def account(value: object, id_key: str, type_key: str) -> Account:
    """Parse an account; REST and GraphQL name its fields differently."""
    fields = record(value, 'an account')
    return Account(
        integer(fields.get(id_key), 'the id of an account'),
        text(fields.get('login'), 'the login of an account'),
        text(fields.get(type_key), 'the type of an account'),
    )
