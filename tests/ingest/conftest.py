"""Fixture: runs of the ingest on a simulated GitHub."""

from collections.abc import Iterator

import pytest

from simulated import Runs, serve


@pytest.fixture
def runs(warehouse_url: str) -> Iterator[Runs]:
    """Two small companies, an organization and a user."""
    with serve('acme:24,ada:4:user', warehouse_url) as runs:
        yield runs
