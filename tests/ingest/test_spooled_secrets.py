"""Temporary files that are open while GitHub is read contain no token."""

from pathlib import Path
from typing import TextIO, cast

import pytest

from github_simulator import faults
from github_warehouse.warehouse import spool
from simulated import serve

TOKEN = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'


@pytest.mark.parametrize('source', ['graphql', 'rest'])
def test_no_token_is_spooled(
    warehouse_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
) -> None:
    """The files have no names; the test gives them names to read them."""
    numbers = iter(range(1000))

    def named_file() -> TextIO:
        return cast(TextIO, open(tmp_path / str(next(numbers)), 'w+'))

    monkeypatch.setattr(spool, '_temporary_file', named_file)
    with serve('acme:24,ada:4:user', warehouse_url, tokens=(TOKEN,)) as runs:
        runs.simulator.faults.add(
            faults.refused(500, f'no, {TOKEN}', first=2, last=3)
        )
        assert runs.run(source=source).unread == []
        names = [r.name for r in runs.world.repositories.values()]
    spooled = ''.join(path.read_text() for path in tmp_path.iterdir())
    assert any(name in spooled for name in names)
    assert TOKEN not in spooled
