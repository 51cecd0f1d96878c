"""Update the README's picture from the page of `make demo`.

    make demo && .venv/bin/python scripts/picture.py

Needs a Chromium on the path.
"""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

_ROOT = Path(__file__).parents[1]


def main() -> None:
    """Take a screenshot of the top of the overview."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which('chromium'), args=['--no-sandbox']
        )
        page = browser.new_page(viewport={'width': 1200, 'height': 772})
        page.goto((_ROOT / '.demo' / 'report.html').as_uri())
        page.wait_for_selector('.drawing .main-svg')
        page.wait_for_timeout(500)
        page.screenshot(path=_ROOT / 'docs' / 'overview.png')
        browser.close()


if __name__ == '__main__':
    main()
