"""Run every benchmark and write benchmarks/RESULTS.md or RESULTS-SIZE.md.

python -m benchmarks              13,000 and 100,000 repositories
python -m benchmarks 13000        only this size
python -m benchmarks 1000000      a million repositories, five days
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.github_requests import measure_source
from benchmarks.html_page import measure_page
from benchmarks.meter import prepare_session
from benchmarks.questions import measure_cards, measure_views
from benchmarks.results import ScaleResult, machine, write_results
from benchmarks.running import measure_runs
from benchmarks.synthetic import SCALES, Scale, fill
from benchmarks.upkeep import disk_bytes, measure_gap, measure_rerun
from benchmarks.writing import measure_writes

from github_warehouse.config import read_settings
from github_warehouse.warehouse.connection import (
    Connection,
    connect,
    open_warehouse,
)
from github_warehouse.warehouse.migrate import migrate

_FOLDER = Path(__file__).parent
# the common way would take an hour, and the runs of the ingest another
_LARGEST_COMPARED = 100_000


def main() -> None:
    """Measure each requested size, then the requests to GitHub."""
    try:
        scales = [SCALES[int(text)] for text in sys.argv[1:]]
    except (KeyError, ValueError):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    name = '-'.join(['RESULTS', *sys.argv[1:]]) + '.md'
    scales = scales or [SCALES[13_000], SCALES[100_000]]
    began = machine()
    found = [measure(scale) for scale in scales]
    _log('requests to GitHub')
    requests = [
        row
        for source in ('graphql', 'rest')
        for row in measure_source(source, 0)
    ]
    write_results(_FOLDER / name, began, found, requests)
    print(_FOLDER / name)


def measure(scale: Scale) -> ScaleResult:
    """Measure one size of warehouse."""
    is_compared = scale.repositories <= _LARGEST_COMPARED
    with tempfile.TemporaryDirectory(prefix='benchmark-') as name:
        folder = Path(name)
        with _warehouse(folder / 'warehouse') as connection:
            _log(f'{scale}: filling a warehouse')
            fill(connection, scale)
            disk = disk_bytes(connection)
            with connection, connection.cursor() as cursor:
                cursor.execute('show server_version')
                (version,) = cursor.fetchone() or ('',)
            _log(f'{scale}: queries')
            views = measure_views(connection, scale.samples)
            cards = measure_cards(connection, scale.samples)
            page = measure_page(connection, folder, scale.samples)
            _log(f'{scale}: writing')
            prepare_session(connection)
            writes = measure_writes(connection, scale, is_compared)
            rerun = measure_rerun(connection, scale)
            gap = measure_gap(connection, scale)
    _log(f'{scale}: whole runs')
    return ScaleResult(
        scale=scale,
        version=version,
        disk=disk,
        views=views,
        cards=cards,
        page=page,
        writes=writes,
        rerun=rerun,
        gap=gap,
        runs=measure_runs(
            scale.repositories, scale.samples if is_compared else 0
        ),
        smallest_peak=max(measure_runs(100, 0)['first'].peak),
    )


@contextmanager
def _warehouse(folder: Path) -> Iterator[Connection]:
    settings = read_settings({'WAREHOUSE_DIR': str(folder)})
    with open_warehouse(settings) as warehouse:
        migrate(warehouse)
        with connect(warehouse) as connection:
            yield connection


def _log(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == '__main__':
    main()
