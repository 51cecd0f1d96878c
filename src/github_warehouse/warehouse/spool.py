"""Observations on their way: a temporary file in COPY's own text format.

Memory does not grow with the number of repositories. The files have no name,
so that nothing is left of them however the process ends.
"""

import re
import shutil
import tempfile
from array import array
from contextlib import closing, suppress
from itertools import count
from operator import attrgetter
from typing import TextIO, cast

from github_warehouse.metrics import METRIC_NAMES
from github_warehouse.model import RepoObservation, storable_text

# https://www.postgresql.org/docs/current/sql-copy.html, "Text Format"
_NULL = r'\N'
_SPECIAL = re.compile(r'[\\\b\f\n\r\t\v]')
_ESCAPES = {
    '\\': r'\\',
    '\b': r'\b',
    '\f': r'\f',
    '\n': r'\n',
    '\r': r'\r',
    '\t': r'\t',
    '\v': r'\v',
}


# The columns of observed_repos, each with the attribute of an observation that
# it holds, in the order of a row: numbers, text, times, metrics.
_NUMBERS = {
    'repo_id': 'repo_id',
    'company_id': 'owner.account_id',
    'is_fork': 'is_fork',
    'is_archived': 'is_archived',
}
_TEXTS = {
    'node_id': 'node_id',
    'name': 'name',
    'full_name': 'full_name',
    'language': 'language',
    'license': 'license',
}
_TIMES = {
    'created_at': 'created_at',
    'updated_at': 'updated_at',
    'pushed_at': 'pushed_at',
}
REPO_COLUMNS = ('observation', *_NUMBERS, *_TEXTS, *_TIMES, *METRIC_NAMES)
_ROW = '\t'.join(['%s'] * len(REPO_COLUMNS)) + '\n'
_numbers, _texts, _times = (
    attrgetter(*attributes.values())
    for attributes in (_NUMBERS, _TEXTS, _TIMES)
)


class Spool:
    """What was observed in this run, repositories and languages apart.

    Attributes:
        repos: rows for the table observed_repos.
        readings: rows for the table language_readings.
        languages: rows for the table read_languages.
        repo_ids: the repositories observed, as often as they were.
    """

    def __init__(self, numbers: 'count[int] | None' = None) -> None:
        self.repos: TextIO = _temporary_file()
        self.readings: TextIO = _temporary_file()
        self.languages: TextIO = _temporary_file()
        self.repo_ids = array('q')
        # shared with its parts, so that they tell what came later
        self._numbers = numbers or count()

    def add(self, observation: RepoObservation) -> None:
        """Write one observation, with its languages where they were read.

        Both have the same number.
        """
        number = next(self._numbers)
        self.repos.write(_repo_row(number, observation))
        self.repo_ids.append(observation.repo_id)
        if observation.languages is not None:
            self._write_languages(
                number, observation.repo_id, observation.languages
            )

    def add_languages(self, repo_id: int, languages: dict[str, int]) -> None:
        """Write the languages of a repository, read apart."""
        self._write_languages(next(self._numbers), repo_id, languages)

    def _write_languages(
        self, number: int, repo_id: int, languages: dict[str, int]
    ) -> None:
        self.readings.write(f'{number}\t{repo_id}\n')
        self.languages.write(
            ''.join(
                f'{number}\t{_text(language)}\t{size}\n'
                for language, size in languages.items()
            )
        )

    def new_part(self) -> 'Spool':
        """Return an empty spool, to be taken over when it is complete."""
        return Spool(self._numbers)

    def take_over(self, part: 'Spool') -> None:
        """Add all that is in a part, and give its files back."""
        with closing(part):
            for mine, its in zip(self._files(), part._files(), strict=True):
                its.seek(0)
                shutil.copyfileobj(its, mine)
            self.repo_ids.extend(part.repo_ids)

    def close(self) -> None:
        """Give the files back to the system, with all that is in them."""
        for file in self._files():
            discard(file)

    def _files(self) -> tuple[TextIO, ...]:
        return self.repos, self.readings, self.languages


def _repo_row(number: int, seen: RepoObservation) -> str:
    row: list[object] = [number, *_numbers(seen)]
    for text in _texts(seen):
        row.append(_text(text))
    for time in _times(seen):
        row.append(_NULL if time is None else time.isoformat())
    for value in map(seen.metrics.get, METRIC_NAMES):
        row.append(_NULL if value is None else value)
    return _ROW % tuple(row)


def _text(value: str | None) -> str:
    if value is None:
        return _NULL
    # most text is as it is to be: one look finds out
    if value.isprintable() and '\\' not in value:
        return value
    return _SPECIAL.sub(_escape, storable_text(value))


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]


def discard(file: TextIO) -> None:
    """Close a file whose content is not needed any more."""
    # on a full disk, what is still buffered cannot be written
    with suppress(OSError):
        file.close()


def _temporary_file() -> TextIO:
    return cast(
        TextIO,
        tempfile.TemporaryFile('w+', encoding='utf-8', newline='\n'),
    )
