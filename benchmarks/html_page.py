"""The HTML page: its size, and the time to render and draw it."""

import shutil
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

from github_warehouse.dashboards.report import render_report
from github_warehouse.warehouse.connection import Connection


@dataclass(frozen=True)
class PageCost:
    """Cost of the HTML page.

    Attributes:
        made: seconds to render, per sample.
        size: size of the file, in bytes.
        data: bytes of the file that are rows.
        drawn: seconds to draw, per sample; None without Chromium.
    """

    made: list[float]
    size: int
    data: int
    drawn: list[float] | None


def measure_page(
    connection: Connection, folder: Path, samples: int
) -> PageCost:
    """Render the page several times and draw it as often."""
    made = []
    for _ in range(samples):
        began = time.perf_counter()
        page = render_report(connection)
        made.append(time.perf_counter() - began)
    file = folder / 'report.html'
    file.write_text(page, 'utf-8')
    data = page.partition('id="data">')[2].partition('</script>')[0]
    return PageCost(
        made, file.stat().st_size, len(data.encode()), _draw(file, samples)
    )


def _draw(file: Path, samples: int) -> list[float] | None:
    chromium = shutil.which('chromium')
    if chromium is None:
        return None
    seconds = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=['--no-sandbox']
        )
        page = browser.new_page()
        for _ in range(samples):
            began = time.perf_counter()
            page.goto(file.as_uri())
            page.wait_for_function(
                'document.querySelectorAll(".plot-container").length > 3'
            )
            seconds.append(time.perf_counter() - began)
        browser.close()
    return seconds


def describe_page(cost: PageCost) -> str:
    """Describe the cost in one line."""
    drawn = (
        'not drawn: no Chromium here'
        if cost.drawn is None
        else f'drawn in {statistics.median(cost.drawn):.2f} s'
    )
    return (
        f'made in {statistics.median(cost.made):.2f} s, '
        f'{cost.size / 1e6:.2f} MB, of which rows {cost.data / 1e6:.2f} MB; '
        f'{drawn}'
    )
