"""Values of the wrong type are refused, unusual valid values are parsed."""

from datetime import UTC, datetime

import pytest

from github_warehouse.errors import AnswerError
from github_warehouse.github import parse
from github_warehouse.model import storable_text


def test_times_are_parsed_in_both_formats() -> None:
    expected = datetime(2011, 3, 13, 7, 6, 40, tzinfo=UTC)
    assert parse.moment('2011-03-13T07:06:40Z', 'it') == expected
    assert parse.moment(1_300_000_000, 'it') == expected
    assert parse.moment(None, 'it') is None


@pytest.mark.parametrize('value', ['2011-03-13', '', True, -1, 'then'])
def test_an_invalid_time_is_refused(value: object) -> None:
    with pytest.raises(AnswerError, match='for it'):
        parse.moment(value, 'it')


@pytest.mark.parametrize('value', [-1, 1.0, True, '1', None, 2**31])
def test_an_invalid_count_is_refused(value: object) -> None:
    with pytest.raises(AnswerError, match='for it'):
        parse.count(value, 'it')


def test_bytes_may_exceed_32_bits() -> None:
    assert parse.integer(2**33, 'it') == 2**33


def test_null_and_empty_text_are_equal() -> None:
    assert parse.optional_text('', 'it') is None
    assert parse.optional_text(None, 'it') is None
    with pytest.raises(AnswerError):
        parse.text('', 'it')


@pytest.mark.parametrize('value', [None, 1, 'true'])
def test_a_flag_that_is_not_boolean_is_refused(value: object) -> None:
    with pytest.raises(AnswerError):
        parse.flag(value, 'it')


def test_a_value_that_is_not_an_object_is_refused() -> None:
    with pytest.raises(AnswerError, match='list for it'):
        parse.record([], 'it')


@pytest.mark.parametrize(
    ('given', 'stored'),
    [
        ('plain', 'plain'),
        ('nul\0', 'nul'),
        ('naïve 🚀', 'naïve 🚀'),
        ('lone \ud800', 'lone ?'),
    ],
)
def test_text_is_sanitized_for_postgresql(given: str, stored: str) -> None:
    assert storable_text(given) == stored
