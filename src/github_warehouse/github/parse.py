"""From GitHub's JSON to observations; what has the wrong type is refused."""

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
# A tebibyte. The totals of a company add up bytes of languages: eight million
# repositories of this size fit PostgreSQL's bigint.
_LARGEST_LANGUAGE = 2**40
# Linguist, with which GitHub detects languages, knows some 800 of them.
_MOST_LANGUAGES = 2000
# GitHub's names have at most 100 characters, owner/name some 140; an index
# holds a text of 2,700 bytes.
_LONGEST_TEXT = 255
_FIRST_YEAR, _LAST_YEAR = 1970, 2999


@contextmanager
def malformed_on_error(what: str) -> Iterator[None]:
    """Turn what an answer of another shape provokes into an MalformedError."""
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
            f'GitHub gave {what} in a form that was not expected: '
            f'{type(e).__name__} {e}'
        ) from e


def integer(value: object, what: str, largest: int = _LARGEST_BIGINT) -> int:
    """Return the value, if it is a whole number that is not negative."""
    if type(value) is not int or not 0 <= value <= largest:
        raise MalformedError(f'GitHub gave {reprlib.repr(value)} for {what}')
    return value


def count(value: object, what: str) -> int:
    """Return the value, if it is a count that fits PostgreSQL's integer."""
    return integer(value, what, _LARGEST_INTEGER)


def metric(declared: Metric, value: object, what: str) -> int | None:
    """Return a metric's value; None where one that may be null is absent.

    Args:
        declared: the metric.
        value: as GitHub gave it.
        what: the repository, for the message.
    """
    if value is None and not declared.is_required:
        return None
    if type(value) is int and 0 <= value <= _LARGEST_INTEGER:
        if declared.kind == 'count':
            # nearly always: no message is made
            return value
    check = flag if declared.kind == 'flag' else count
    return check(value, f'{declared.name} of {what}')


def text(value: object, what: str) -> str:
    """Return the value, if it is text and neither empty nor overlong.

    NUL is removed and lone surrogates replaced: PostgreSQL cannot store them.
    """
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise MalformedError(f'GitHub gave {reprlib.repr(value)} for {what}')
    stored = storable_text(value)
    if not stored:
        raise MalformedError(f'GitHub gave {reprlib.repr(value)} for {what}')
    return stored


def optional_text(value: object, what: str) -> str | None:
    """Return the value, if it is text; None where there is nothing."""
    return None if value in (None, '') else text(value, what)


def flag(value: object, what: str) -> bool:
    """Return the value, if it is true or false."""
    if not isinstance(value, bool):
        raise MalformedError(f'GitHub gave {reprlib.repr(value)} for {what}')
    return value


def moment(value: object, what: str) -> datetime | None:
    """Return the time, in UTC; None where GitHub gave none.

    Some answers have whole seconds since 1970 in place of ISO 8601.
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
            f'GitHub gave {reprlib.repr(value)} for {what}'
        ) from error
    if parsed.tzinfo is None or not _FIRST_YEAR <= utc.year <= _LAST_YEAR:
        raise MalformedError(f'GitHub gave {reprlib.repr(value)} for {what}')
    return utc


def compared(value: object, since: datetime) -> int:
    """Tell whether a time is before another (-1), or not (1).

    What GitHub gave no time for is neither (0); what is no time counts as
    new, so that whoever reads it on finds out.
    """
    try:
        at = moment(value, 'a time')
    except MalformedError:
        return 1
    if at is None:
        return 0
    return -1 if at < since else 1


def record(value: object, what: str) -> dict[str, Any]:
    """Return the value, if it is a JSON object."""
    if not isinstance(value, dict):
        raise MalformedError(f'GitHub gave {type(value).__name__} for {what}')
    return value


def languages(
    listed: Iterable[tuple[object, object]], what: str
) -> dict[str, int]:
    """Return the bytes of each language, if none is named twice."""
    sizes: dict[str, int] = {}
    for name, size in listed:
        language = text(name, f'a language of {what}')
        if language in sizes or len(sizes) == _MOST_LANGUAGES:
            raise MalformedError(
                f'GitHub gave {language!r} again, or too many languages, '
                f'for {what}'
            )
        sizes[language] = integer(size, f'bytes of {what}', _LARGEST_LANGUAGE)
    return sizes


def account(value: object, id_key: str, type_key: str) -> Account:
    """Return the account; REST and GraphQL name its fields differently."""
    answer = record(value, 'an account')
    return Account(
        integer(answer.get(id_key), 'the id of an account'),
        text(answer.get('login'), 'the login of an account'),
        text(answer.get(type_key), 'the type of an account'),
    )
