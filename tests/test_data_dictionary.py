"""The data dictionary is generated from the comments in the database."""

from scripts.data_dictionary import DICTIONARY, render

from github_warehouse.warehouse.connection import connect
from support import warehouse_at


def _made(url: str) -> str:
    with connect(warehouse_at(url)) as connection:
        return render(connection)


def test_the_data_dictionary_matches_the_database(
    warehouse_url: str,
) -> None:
    made = _made(warehouse_url)
    assert made == _made(warehouse_url)
    written = DICTIONARY.read_text('utf-8')
    assert made.splitlines() == written.splitlines(), (
        'docs/data-dictionary.md is not what the comments say: '
        'renew it by `make dictionary`'
    )


def test_every_table_view_and_column_has_a_comment(warehouse_url: str) -> None:
    made = _made(warehouse_url)
    sections = made.split('\n### ')[1:]
    assert len(sections) > 25
    for section in sections:
        name, _, comment, _, _, _, *rows = section.splitlines()
        assert comment and not comment.startswith('Key:'), name
        for row in rows:
            if row.startswith('|'):
                _, column, *_, meaning, _ = row.split(' | '.strip())
                words = meaning.split('Foreign key to')[0].strip()
                assert words, f'{name}.{column.strip()} has no comment'
