"""The dashboard definition is validated, and each card returns rows."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from github_warehouse.dashboards.cards import Card
from github_warehouse.dashboards.definition import DEFINITION, load_dashboards
from github_warehouse.dashboards.queries import metabase_sql, page_sql
from github_warehouse.errors import DefinitionError
from github_warehouse.warehouse.migrate import migrate
from github_warehouse.warehouse.view_files import view_names
from simulated import Runs
from support import execute, schema, warehouse_at

CARDS = {card.title: card for each in load_dashboards() for card in each.cards}
ONE = """
[[dashboard]]
key = "one"
title = "One"
sentence = "One card."
[[dashboard.card]]
title = "Stars"
sentence = "Stars of each day."
chart = "line"
sql = "select * from company_total_stars where true [[and {{company}}]]"
company = "company_total_stars.company_name"
x = "snapshot_date"
y = ["total_stars"]
x_title = "day"
y_title = "stars"
place = {column = 0, row = 0, width = 12, height = 6}
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], object]:
    """A function that loads a definition from text."""

    def load_text(text: str) -> object:
        path = tmp_path / 'dashboards.toml'
        path.write_text(text)
        return load_dashboards(path)

    return load_text


def test_a_definition_with_one_card_is_loaded(
    load: Callable[[str], object],
) -> None:
    load(ONE)


@pytest.mark.parametrize(
    ('given', 'instead', 'message'),
    [
        ('title = "Stars"\n', '', 'one: card 1: title is missing'),
        ('sentence = "Stars', 'sentense = "Stars', 'sentence is missing'),
        ('x = "snap', 'axis = 1\nx = "snap', "'Stars': unknown key: axis"),
        ('"line"', '"pie"', "'Stars': chart is 'pie': choose one of"),
        ('"line"', '"table"', 'a table has no axes'),
        ('"line"', '"number"', 'a number has one y'),
        ('y_title = "stars"\n', '', 'x, y, x_title and y_title are required'),
        (
            'y = ["total_stars"]',
            'y = "total_stars"',
            'y must be a list .*, not',
        ),
        ('y = ["total_stars"]', 'y = ["a b"]', "'a b' is not a column name"),
        (
            'width = 12',
            'width = 25',
            'place: column . width must be at most 24',
        ),
        ('width = 12', 'width = 0', 'width and height must be at least 1'),
        (
            'width = 12',
            'width = "12"',
            "width must be a whole number, not '12'",
        ),
        (
            'from company_total_stars',
            'from repos',
            'sql reads repos: not a view',
        ),
        ('[[and {{company}}]]', '', 'sql must contain .* once for each'),
        ('{{company}}', '{{dates}}', 'sql must contain .* once for each'),
        ('[[and {{company}}]]', 'and {{company}}', 'write the filter company'),
        ('"company_total_stars.', '"repos.', 'write it as VIEW.COLUMN'),
        ('key = "one"', 'key = "One!"', 'lowercase letters and hyphens'),
        ('[[dashboard]]', '[dashboard]', 'dashboard must be a list'),
        (
            '[[dashboard]]',
            'version = 1\n[[dashboard]]',
            'unknown key: version',
        ),
        ('x = "snap', 'x = snap', 'dashboards.toml: Invalid value'),
        (ONE, ONE + ONE, 'is used twice'),
        (
            ONE,
            ONE + ONE[ONE.index('[[dashboard.card]]') :],
            "'Stars' overlaps 'Stars'",
        ),
    ],
)
def test_an_error_in_a_definition_names_its_location(
    load: Callable[[str], object], given: str, instead: str, message: str
) -> None:
    assert given in ONE
    with pytest.raises(DefinitionError, match=message) as caught:
        load(ONE.replace(given, instead))
    assert str(caught.value).startswith('dashboards.toml')
    assert len(str(caught.value).splitlines()) == 1


def test_every_view_is_used_by_a_card() -> None:
    """Views of single rows are for ad hoc queries of users."""
    text = DEFINITION.read_text('utf-8')
    shown = {name for name in view_names() if name in text}
    assert set(view_names()) - shown == {
        'current_repo_languages',
        'current_repo_metrics',
        'language_trend_by_company',
        'repo_daily_growth',
        'top_languages',
    }


def test_cards_read_a_schema_whose_name_is_a_keyword(
    empty_url: str,
) -> None:
    warehouse = replace(warehouse_at(empty_url), schema='order')
    migrate(warehouse)
    for card in CARDS.values():
        execute(
            empty_url, re.sub(r'\[\[.*?\]\]', '', metabase_sql(card, 'order'))
        )


@pytest.mark.parametrize('title', CARDS)
def test_each_card_has_equal_rows_in_metabase_and_on_the_page(
    runs: Runs, title: str
) -> None:
    card: Card = CARDS[title]
    shown = runs.query(
        re.sub(r'\[\[.*?\]\]', '', metabase_sql(card, schema()))
    )
    rows = runs.query(page_sql(card))
    assert len(rows) <= 2000
    if not card.is_total:
        assert shown == rows[: card.limit]
    # these need more than four days, or a failure
    empty = ('Trending: seven', 'Trending: thirty', 'Warnings')
    assert bool(shown) == (not title.startswith(empty))
