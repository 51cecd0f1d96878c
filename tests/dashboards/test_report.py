"""The HTML page in a real browser without network."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from cli.conftest import environment
from github_warehouse.cli.dashboard_commands import write_page
from github_warehouse.dashboards.definition import load_dashboards
from github_warehouse.dashboards.report import read_report, render_report
from github_warehouse.errors import UsageError
from github_warehouse.warehouse.connection import connect
from simulated import Runs
from support import warehouse_at

_BROWSERS = ('chromium', 'chromium-browser', 'google-chrome')
_NOT_CHARTS = ('number', 'table')
CHARTS = sum(
    card.chart not in _NOT_CHARTS
    for each in load_dashboards()
    for card in each.cards
)


@pytest.fixture(scope='module')
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        pytest.skip('needs Chromium: the page is opened in a browser')
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=['--no-sandbox']
        )
        yield browser
        browser.close()


@pytest.fixture
def report(runs: Runs, tmp_path: Path) -> Path:
    """The HTML page of the warehouse."""
    with connect(warehouse_at(runs.url)) as connection:
        write_page(render_report(connection), tmp_path / 'report.html')
    return tmp_path / 'report.html'


class _RecordedPage:
    """An open page, with its messages and requests."""

    def __init__(self, browser: Browser, report: Path, **how: Any) -> None:
        context = browser.new_context(offline=True, **how)
        self.page: Page = context.new_page()
        self.messages: list[str] = []
        self.requests: list[str] = []
        self.page.on(
            'console', lambda message: self.messages.append(message.text)
        )
        self.page.on(
            'pageerror', lambda error: self.messages.append(str(error))
        )
        self.page.on('dialog', lambda dialog: self.messages.append('a dialog'))
        self.page.on('request', lambda sent: self.requests.append(sent.url))
        self.page.goto(report.as_uri())

    def show(self, key: str) -> None:
        """Choose a dashboard."""
        self.page.click(f'#tab-{key}')

    def card(self, title: str) -> Any:
        """Find a card on the visible dashboard."""
        return self.page.locator('article:visible').filter(
            has=self.page.locator(f'h2:text-is("{title}")')
        )

    def number(self, title: str) -> int:
        """Return the number shown on a card."""
        text = self.card(title).locator('.answer').inner_text()
        return int(text.replace(',', ''))


@pytest.mark.parametrize(
    'how',
    [
        {'viewport': {'width': 1440, 'height': 900}},
        {
            'viewport': {'width': 1440, 'height': 900},
            'color_scheme': 'dark',
        },
        {
            'viewport': {'width': 390, 'height': 844},
            'is_mobile': True,
            'has_touch': True,
        },
    ],
    ids=['desktop', 'dark', 'phone'],
)
def test_every_chart_is_drawn_without_requests_or_messages(
    browser: Browser, report: Path, how: dict[str, Any]
) -> None:
    open_page = _RecordedPage(browser, report, **how)
    drawn = empty = 0
    for dashboard in load_dashboards():
        open_page.show(dashboard.key)
        visible = open_page.page.locator('article:visible')
        assert visible.count() == len(dashboard.cards)
        drawn += visible.locator('.drawing .plot-container').count()
        empty += visible.locator('.nothing').count()
        wide = 'document.documentElement.scrollWidth - window.innerWidth'
        assert open_page.page.evaluate(wide) <= 0
    # two charts need more than four days, and there are no warnings
    assert (drawn, empty) == (CHARTS - 2, 3)
    assert open_page.messages == []
    assert open_page.requests == [report.as_uri()]


def test_the_filters_keep_only_the_selection(
    browser: Browser, report: Path, runs: Runs
) -> None:
    open_page = _RecordedPage(browser, report)
    assert open_page.number('Companies') == 4
    open_page.page.select_option('#filter-company', 'globex')
    stars, repositories = runs.query(
        'select total_stars, repo_count from company_total_stars'
        " where company_name = 'globex' order by snapshot_date desc limit 1"
    )[0]
    assert open_page.number('Companies') == 1
    assert open_page.number('Stars') == stars
    assert open_page.number('Repositories') == repositories
    rows = open_page.card('Companies on the latest day').locator('tbody tr')
    assert rows.count() == 1
    open_page.show('company')
    labels = open_page.card('Most starred repositories').locator('.ytick')
    assert labels.count() == 10
    assert not any('acme' in text for text in labels.all_text_contents())


def test_a_repository_named_script_is_escaped(
    browser: Browser, report: Path
) -> None:
    open_page = _RecordedPage(browser, report)
    name = 'acme/<script>alert(1)</script>'
    chart = open_page.card('Trending: one day')
    assert name in chart.locator('.ytick').all_text_contents()
    chart.locator('summary').click()
    assert chart.locator('td').first.inner_text() == name
    assert open_page.messages == []
    assert '<script>alert' not in report.read_text('utf-8')


def test_the_page_works_with_the_keyboard(
    browser: Browser, report: Path
) -> None:
    page = _RecordedPage(browser, report).page
    page.keyboard.press('Tab')
    assert page.locator('.skip').evaluate('e => e === document.activeElement')
    page.keyboard.press('Tab')
    page.keyboard.press('ArrowRight')
    chosen = page.locator('[role="tab"][aria-selected="true"]')
    assert chosen.inner_text() == 'Company'
    assert chosen.evaluate('e => e === document.activeElement')
    page.locator('summary:visible').first.focus()
    page.keyboard.press('Enter')
    rows = page.locator('details[open] tbody tr:visible')
    rows.first.wait_for()
    assert rows.count() == 10


def _luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(('number', 'palette'), [(0, 'light'), (1, 'bright')])
def test_text_and_lines_have_enough_contrast(
    report: Path, number: int, palette: str
) -> None:
    """4.5 to 1 for text, 3 to 1 for graphics (WCAG 2.2, AA)."""
    text = report.read_text('utf-8')
    found: dict[str, list[str]] = {}
    for name, colour in re.findall(r'--([a-z-]+): (#[0-9a-f]{6});', text):
        found.setdefault(name, []).append(colour)
    theme = {name: colours[number] for name, colours in found.items()}
    for ink, paper in (
        ('ink', 'paper'),
        ('ink', 'card'),
        ('ink', 'stripe'),
        ('faint', 'paper'),
        ('faint', 'card'),
        ('accent', 'card'),
        ('on-accent', 'accent'),
    ):
        assert _contrast(theme[ink], theme[paper]) >= 4.5, (ink, paper)
    (listed,) = re.findall(rf'const {palette} = \[(.*)\];', text)
    colours = re.findall('#[0-9a-f]{6}', listed)
    assert len(colours) == 8
    assert all(_contrast(each, theme['card']) >= 3 for each in colours)


def test_all_cards_share_one_snapshot_and_a_row_limit(runs: Runs) -> None:
    with connect(warehouse_at(runs.url)) as connection:
        data = read_report(connection, load_dashboards())
    assert (data['companies'], data['last_day']) == (4, '2026-03-04')
    rows = [
        len(card['rows'])
        for each in data['dashboards']
        for card in each['cards']
    ]
    assert max(rows) <= 1000


def test_an_empty_warehouse_has_no_page(
    warehouse_url: str, tmp_path: Path
) -> None:
    with connect(warehouse_at(warehouse_url)) as connection:
        with pytest.raises(UsageError, match='run `github-warehouse ingest`'):
            render_report(connection)
    done = subprocess.run(
        [sys.executable, '-m', 'github_warehouse', 'report'],
        cwd=tmp_path,
        env=environment(WAREHOUSE_URL=warehouse_url),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and 'has no snapshots' in done.stderr
    assert list(tmp_path.iterdir()) == []
