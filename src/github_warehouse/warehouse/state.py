"""Phase I: what the warehouse knows before GitHub is read."""

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
    read_sql,
    transaction,
)
from github_warehouse.warehouse.runs import next_run_id
from github_warehouse.warehouse.spool import discard


class KnownRepositories:
    """The repositories of each tracked company, in a file without a name.

    Rows are by company, and by ascending id within a company.
    """

    def __init__(self) -> None:
        self._file: TextIO = cast(
            TextIO, tempfile.TemporaryFile('w+', encoding='utf-8')
        )
        self._sections: dict[int, tuple[int, int]] = {}

    def read(
        self, cursor: Cursor, company_id: int, started_at: datetime
    ) -> None:
        """Copy one company's repositories out of the warehouse.

        Args:
            cursor: a transaction's.
            company_id: whose repositories.
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
        """Count a company's repositories."""
        return self._sections.get(company_id, (0, 0))[1]

    def repositories(self, company_id: int) -> Iterator[KnownRepository]:
        """Read a company's repositories, by ascending id."""
        start, count = self._sections.get(company_id, (0, 0))
        self._file.seek(start)
        for _ in range(count):
            yield _known(self._file.readline().rstrip('\n').split('\t'))

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
        """Count a company's repositories whose languages were never read."""
        return sum(
            known.languages_never_read
            for known in self.repositories(company_id)
        )

    def missing(
        self, company_id: int, seen: Sequence[int]
    ) -> list[KnownRepository]:
        """List a company's repositories that are not among those seen.

        Args:
            company_id: whose repositories.
            seen: ids of repositories, ascending.
        """
        absent = []
        for known in self.repositories(company_id):
            place = bisect_left(seen, known.repo_id)
            if place == len(seen) or seen[place] != known.repo_id:
                absent.append(known)
        return absent

    def close(self) -> None:
        """Give the file back to the system."""
        discard(self._file)


@dataclass(frozen=True)
class State:
    """What Phase I read.

    Attributes:
        api_host: host whose data the warehouse holds; None when empty.
        companies: tracked ones, in the order of their logins.
        known: their repositories.
        last_day: newest UTC day with snapshots; None when there is none.
        last_committed_run: newest run that wrote snapshots; 0 when none did.
        run_id: number of the run that reads this.
        untracked: companies that were tracked, and are not any more.
    """

    api_host: str | None
    companies: Sequence[Company]
    known: KnownRepositories
    last_day: date | None
    last_committed_run: int
    run_id: int
    untracked: Sequence[Company]

    def close(self) -> None:
        """Give the files back to the system."""
        self.known.close()


def read_state(connection: Connection, started_at: datetime) -> State:
    """Read what is known of every tracked company.

    Args:
        connection: to the warehouse.
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


def _known(fields: list[str]) -> KnownRepository:
    nothing = r'\N'
    return KnownRepository(
        repo_id=int(fields[0]),
        node_id=None if fields[1] == nothing else fields[1],
        was_missing=fields[2] == 't',
        full_name=fields[3],
        stars=int(fields[4]),
        languages_pushed_at=(
            None if fields[5] == nothing else float(fields[5])
        ),
        languages_are_due=fields[6] == 't',
        languages_never_read=fields[7] == 't',
    )


def read_api_host(connection: Connection) -> str | None:
    """Read whose data the warehouse holds; None when it holds none."""
    with transaction(connection) as cursor:
        cursor.execute(read_sql('warehouse_state'))
        api_host, _, _ = cursor.fetchone() or (None, None, None)
        return None if api_host is None else str(api_host)


def sorted_ids(repo_ids: 'array[int]') -> 'array[int]':
    """Return the ids in ascending order, in as little memory."""
    return array('q', sorted(repo_ids))
