"""Phase I: read the warehouse's state before reading GitHub."""

import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from typing import TextIO, cast

from github_warehouse.model import Company, KnownRepository
from github_warehouse.warehouse.companies import read_companies
from github_warehouse.warehouse.connection import (
    Connection,
    Cursor,
    transaction,
)
from github_warehouse.warehouse.runs import next_run_id
from github_warehouse.warehouse.spool import discard
from github_warehouse.warehouse.statements import read_sql


class KnownRepositories:
    """The repositories of each tracked company, in an unnamed temporary file.

    Rows are grouped by company and sorted by repository ID.
    """

    def __init__(self) -> None:
        self._file: TextIO = cast(
            TextIO, tempfile.TemporaryFile('w+', encoding='utf-8')
        )
        self._sections: dict[int, tuple[int, int]] = {}

    def read(
        self, cursor: Cursor, company_id: int, started_at: datetime
    ) -> None:
        """Copy a company's repositories from the warehouse to the file.

        Args:
            cursor: cursor of an open transaction.
            company_id: GitHub's numeric ID of the company.
            started_at: business time of the run, UTC.
        """
        start = self._file.tell()
        parameters = {
            'company_id': company_id,
            'started_at': started_at,
            'day': started_at.date(),
        }
        cursor.copy_expert(
            cursor.mogrify(read_sql('known_repos'), parameters).decode(),
            self._file,
        )
        self._sections[company_id] = (start, cursor.rowcount)

    def count(self, company_id: int) -> int:
        """Return the number of a company's repositories."""
        return self._sections.get(company_id, (0, 0))[1]

    def repositories(self, company_id: int) -> Iterator[KnownRepository]:
        """Yield a company's repositories, sorted by ID."""
        start, count = self._sections.get(company_id, (0, 0))
        self._file.seek(start)
        for _ in range(count):
            yield _parse(self._file.readline().rstrip('\n').split('\t'))

    def company_ids(self) -> list[int]:
        """List the companies, in the order in which they were read."""
        return list(self._sections)

    def ids(self, company_id: int) -> 'array[int]':
        """Return the ids of a company's repositories, ascending."""
        start, count = self._sections.get(company_id, (0, 0))
        self._file.seek(start)
        return array(
            'q',
            (
                int(self._file.readline().partition('\t')[0])
                for _ in range(count)
            ),
        )

    def count_unread(self, company_id: int) -> int:
        """Return how many repositories never had their languages read."""
        return sum(
            known.languages_never_read
            for known in self.repositories(company_id)
        )

    def missing(
        self, company_id: int, seen: Sequence[int]
    ) -> list[KnownRepository]:
        """Return a company's repositories that are not in `seen`.

        Args:
            company_id: GitHub's numeric ID of the company.
            seen: repository IDs in ascending order.
        """
        absent = []
        for known in self.repositories(company_id):
            place = bisect_left(seen, known.repo_id)
            if place == len(seen) or seen[place] != known.repo_id:
                absent.append(known)
        return absent

    def close(self) -> None:
        """Close the file, which deletes it."""
        discard(self._file)


@dataclass(frozen=True)
class State:
    """The state of the warehouse before a run, as Phase I read it.

    Attributes:
        api_host: host of the GitHub API that the data comes from; None if
            the warehouse is empty.
        companies: tracked companies, sorted by login.
        known: repositories of the tracked companies.
        last_day: latest UTC day with snapshots; None if there is none.
        last_committed_run: ID of the last run that wrote snapshots; 0 if
            none did.
        run_id: ID of this run.
        untracked: companies that were tracked in the past.
    """

    api_host: str | None
    companies: Sequence[Company]
    known: KnownRepositories
    last_day: date | None
    last_committed_run: int
    run_id: int
    untracked: Sequence[Company]

    def close(self) -> None:
        """Close the temporary file."""
        self.known.close()


def read_state(connection: Connection, started_at: datetime) -> State:
    """Read the state of the warehouse and reserve a run ID.

    Args:
        connection: connection to the warehouse.
        started_at: business time of the run, UTC.
    """
    with transaction(connection) as cursor, ExitStack() as on_failure:
        companies = read_companies(cursor)
        tracked = [each for each in companies if each.is_tracked]
        known = KnownRepositories()
        on_failure.callback(known.close)
        for company in tracked:
            known.read(cursor, company.account.account_id, started_at)
        cursor.execute(read_sql('warehouse_state'))
        api_host, last_day, last_committed_run = cursor.fetchone() or ()
        run_id = next_run_id(cursor)
        on_failure.pop_all()
    return State(
        api_host=api_host,
        companies=tracked,
        known=known,
        last_day=last_day,
        last_committed_run=last_committed_run,
        run_id=run_id,
        untracked=[each for each in companies if not each.is_tracked],
    )


def _parse(fields: list[str]) -> KnownRepository:
    null = r'\N'
    return KnownRepository(
        repo_id=int(fields[0]),
        node_id=None if fields[1] == null else fields[1],
        was_missing=fields[2] == 't',
        full_name=fields[3],
        stars=int(fields[4]),
        languages_pushed_at=(None if fields[5] == null else float(fields[5])),
        languages_are_due=fields[6] == 't',
        languages_never_read=fields[7] == 't',
    )


def read_api_host(connection: Connection) -> str | None:
    """Return the API host that the data comes from; None if there is none."""
    with transaction(connection) as cursor:
        cursor.execute(read_sql('warehouse_state'))
        api_host, _, _ = cursor.fetchone() or (None, None, None)
        return None if api_host is None else str(api_host)


def sorted_ids(repo_ids: 'array[int]') -> 'array[int]':
    """Return the IDs in ascending order, as a compact array."""
    return array('q', sorted(repo_ids))
