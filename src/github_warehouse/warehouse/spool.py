"""Observations on their way: a temporary file in COPY's own text format.

Memory does not grow with the number of repositories. The files have no name,
so that nothing is left of them however the process ends.
"""

import re
import tempfile
from array import array
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, TextIO, cast

from github_warehouse.model import RepoObservation, storable_text

# https://www.postgresql.org/docs/current/sql-copy.html, "Text Format"
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


class Mark(NamedTuple):
    """A place in the spool to which it can be rewound."""

    observations: int
    readings: int
    positions: tuple[int, ...]


class Spool:
    """What was observed in this run, repositories and languages apart.

    Attributes:
        repos: rows for the table observed_repos.
        readings: rows for the table language_readings.
        languages: rows for the table read_languages.
        repo_ids: the repositories observed, in the order of observation.
    """

    def __init__(self) -> None:
        self.repos: TextIO = _temporary_file()
        self.readings: TextIO = _temporary_file()
        self.languages: TextIO = _temporary_file()
        self.repo_ids = array('q')
        self._reading_count = 0

    def add(self, observation: RepoObservation) -> None:
        """Write one observation, with its languages where they were read."""
        self.repos.write(_repo_row(len(self.repo_ids), observation))
        self.repo_ids.append(observation.repo_id)
        if observation.languages is not None:
            self.add_languages(observation.repo_id, observation.languages)

    def add_languages(self, repo_id: int, languages: dict[str, int]) -> None:
        """Write the languages of a repository, read with it or apart."""
        number = self._reading_count
        self._reading_count += 1
        self.readings.write(_row((number, repo_id)))
        for language, size in languages.items():
            self.languages.write(_row((number, language, size)))

    def mark(self) -> Mark:
        """Return the present end, to rewind to."""
        return Mark(
            len(self.repo_ids),
            self._reading_count,
            tuple(file.tell() for file in self._files()),
        )

    def rewind(self, mark: Mark) -> None:
        """Forget what was added after the mark."""
        del self.repo_ids[mark.observations :]
        self._reading_count = mark.readings
        for file, position in zip(self._files(), mark.positions, strict=True):
            file.seek(position)
            file.truncate()

    def close(self) -> None:
        """Give the files back to the system."""
        for file in self._files():
            file.close()

    def _files(self) -> tuple[TextIO, ...]:
        return self.repos, self.readings, self.languages


def _repo_row(number: int, observation: RepoObservation) -> str:
    return _row(
        (
            number,
            observation.repo_id,
            observation.node_id,
            observation.owner.account_id,
            observation.name,
            observation.full_name,
            observation.language,
            observation.created_at,
            observation.updated_at,
            observation.pushed_at,
            observation.is_fork,
            observation.is_archived,
            observation.license,
            observation.stars,
            observation.forks,
            observation.open_issues,
        )
    )


def _row(values: Iterable[object]) -> str:
    return '\t'.join(map(_field, values)) + '\n'


def _field(value: object) -> str:
    if value is None:
        return r'\N'
    if isinstance(value, str):
        return _SPECIAL.sub(_escape, storable_text(value))
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]


def _temporary_file() -> TextIO:
    return cast(
        TextIO,
        tempfile.TemporaryFile('w+', encoding='utf-8', newline='\n'),
    )
