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
    repos_position: int
    languages_position: int


class Spool:
    """What was observed in this run, repositories and languages apart.

    Attributes:
        repos: rows for the table observed_repos.
        languages: rows for the table observed_languages.
        repo_ids: the repositories observed, in the order of observation.
    """

    def __init__(self) -> None:
        self.repos: TextIO = _temporary_file()
        self.languages: TextIO = _temporary_file()
        self.repo_ids = array('q')

    def add(self, observation: RepoObservation) -> None:
        """Write one observation."""
        number = len(self.repo_ids)
        self.repo_ids.append(observation.repo_id)
        self.repos.write(_repo_row(number, observation))
        for language, size in (observation.languages or {}).items():
            self.languages.write(_row((number, language, size)))

    def mark(self) -> Mark:
        """Return the present end, to rewind to."""
        return Mark(
            len(self.repo_ids), self.repos.tell(), self.languages.tell()
        )

    def rewind(self, mark: Mark) -> None:
        """Forget what was added after the mark."""
        del self.repo_ids[mark.observations :]
        _cut(self.repos, mark.repos_position)
        _cut(self.languages, mark.languages_position)

    def close(self) -> None:
        """Give the files back to the system."""
        self.repos.close()
        self.languages.close()


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
            observation.languages is not None,
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


def _cut(file: TextIO, position: int) -> None:
    file.seek(position)
    file.truncate()
