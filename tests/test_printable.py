"""Text for people."""

import pytest

from github_warehouse.printable import counted


@pytest.mark.parametrize(
    ('count', 'text'),
    [(0, '0 companies'), (1, '1 company'), (1200, '1,200 companies')],
)
def test_a_noun_is_singular_only_after_one(count: int, text: str) -> None:
    assert counted(count, 'company', 'companies') == text
