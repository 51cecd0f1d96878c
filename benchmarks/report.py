"""How long the page takes, and how large it is, by repositories behind it.

Five companies on a simulated GitHub, three days of them, into an embedded
PostgreSQL; then the page, several times. Where there is a Chromium, also how
long that takes to draw it.

    .venv/bin/python benchmarks/report.py 13000 100000
"""

import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from datetime import time as time_of_day
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

from github_warehouse.config import read_settings
from github_warehouse.dashboards.report import render_report
from github_warehouse.ingest import Request, ingest
from github_warehouse.model import utc_now
from github_warehouse.simulator import Simulator, World, parse_accounts
from github_warehouse.warehouse.connection import connect, open_warehouse
from github_warehouse.warehouse.migrate import migrate

DAYS = 3
TIMES = 5


class _Unseen:
    def advance(self, company: str, repositories: int) -> None:
        """Show nothing."""


def main() -> None:
    for repositories in map(int, sys.argv[1:] or ['13000', '100000']):
        with tempfile.TemporaryDirectory(prefix='report-') as folder:
            _measure(repositories, Path(folder))


def _measure(repositories: int, folder: Path) -> None:
    logins = [f'company{n}' for n in range(1, 6)]
    specs = parse_accounts(
        ','.join(f'{login}:{repositories // 5}' for login in logins)
    )
    first_day = utc_now().date() - timedelta(days=DAYS - 1)
    world = World.generate(specs, seed=1, today=first_day)
    with Simulator(world) as simulator:
        settings = read_settings(
            {
                'WAREHOUSE_DIR': str(folder / 'warehouse'),
                'GITHUB_API_URL': simulator.url,
                'GITHUB_TOKEN': 'simulated-token',
                'COMPANIES': ','.join(logins),
            }
        )
        with open_warehouse(settings) as warehouse:
            migrate(warehouse)
            for day in range(DAYS):
                if day:
                    world.advance(days=1)
                as_of = datetime.combine(world.today, time_of_day(), UTC)
                request = Request(is_full=True, as_of=as_of)
                ingest(warehouse, settings, request, _Unseen())
            seconds = []
            with connect(warehouse.url) as connection:
                for _ in range(TIMES):
                    began = time.perf_counter()
                    page = render_report(connection)
                    seconds.append(time.perf_counter() - began)
    report = folder / 'report.html'
    report.write_text(page, 'utf-8')
    data = page.partition('id="data">')[2].partition('</script>')[0]
    print(
        f'{repositories:>7,} repositories: made in '
        f'{statistics.median(seconds):.2f} s (median of {TIMES}, '
        f'{min(seconds):.2f} to {max(seconds):.2f}), '
        f'{len(page.encode()) / 1e6:.2f} MB, of which data '
        f'{len(data) / 1e6:.2f} MB{_drawn(report)}',
        flush=True,
    )


def _drawn(report: Path) -> str:
    chromium = shutil.which('chromium')
    if chromium is None:
        return ''
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=['--no-sandbox']
        )
        page = browser.new_page()
        seconds = []
        for _ in range(TIMES):
            began = time.perf_counter()
            page.goto(report.as_uri())
            page.wait_for_function(
                'document.querySelectorAll(".plot-container").length > 3'
            )
            seconds.append(time.perf_counter() - began)
        browser.close()
    return f'; drawn in {statistics.median(seconds):.2f} s'


if __name__ == '__main__':
    main()
