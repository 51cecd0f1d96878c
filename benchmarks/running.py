"""The whole `ingest` process, from start to end.

Every repository is read, into a warehouse that has the previous day. Two other
processes only read the same pages: one parses their JSON, the other converts
them to observations, as the ingest does, and discards them.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import psutil
from benchmarks.pages import companies, serve_pages

from github_warehouse.config import read_settings
from github_warehouse.warehouse.connection import open_warehouse

# the modes of `benchmarks.download`
DOWNLOADS = ('json', 'observations')
_FIRST_DAY = date(2026, 3, 1)


@dataclass
class Runs:
    """Seconds of every run, and its peak memory in bytes."""

    wall: list[float] = field(default_factory=list)
    client: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    peak: list[int] = field(default_factory=list)

    @property
    def cpu(self) -> list[float]:
        """CPU time of the process and of its PostgreSQL backends."""
        return [a + b for a, b in zip(self.client, self.server, strict=True)]


def measure_runs(repositories: int, samples: int) -> dict[str, Runs]:
    """Run the ingest and the downloads in turn.

    The first ingest, into an empty warehouse, is measured separately.
    """
    found = {name: Runs() for name in ('first', 'ingest', *DOWNLOADS)}
    logins = [each.login for each in companies(repositories)]
    with (
        tempfile.TemporaryDirectory(prefix='running-') as folder,
        serve_pages(repositories) as url,
    ):
        environment = {
            'WAREHOUSE_DIR': folder,
            'GITHUB_API_URL': url,
            'GITHUB_TOKEN': 'a-token-for-no-server',
            'COMPANIES': ','.join(logins),
        }
        with open_warehouse(read_settings(environment)) as warehouse:
            del environment['WAREHOUSE_DIR']
            environment['WAREHOUSE_URL'] = warehouse.url
            run = _Runner(environment, _postmaster(Path(folder)))
            run(Runs(), 'github_warehouse', 'migrate')
            for number in range(samples + 1):
                day = _FIRST_DAY + timedelta(days=number)
                run(
                    found['ingest' if number else 'first'],
                    'github_warehouse',
                    'ingest',
                    '--full',
                    '--as-of',
                    f'{day}T02:00:00Z',
                )
                for name in DOWNLOADS if number else ():
                    run(found[name], 'benchmarks.download', name, url, *logins)
    return found


def _postmaster(folder: Path) -> psutil.Process:
    (pid_file,) = folder.rglob('postmaster.pid')
    return psutil.Process(int(pid_file.read_text().split()[0]))


def _peak_bytes(pid: int) -> int:
    """Return the peak memory of a process in bytes; 0 if it has ended.

    The kernel's value for a finished child includes the peak of its parent.
    """
    with suppress(ProcessLookupError, FileNotFoundError):
        for line in Path(f'/proc/{pid}/status').read_text().splitlines():
            if line.startswith('VmHWM'):
                return int(line.split()[1]) * 1024
    return 0


class _Runner:
    """Runs Python modules and records their cost."""

    def __init__(
        self, environment: dict[str, str], server: psutil.Process
    ) -> None:
        self._environment = {**os.environ, **environment}
        self._server = server

    def __call__(self, runs: Runs, module: str, *arguments: str) -> None:
        before = self._server_seconds()
        began = time.perf_counter()
        with tempfile.TemporaryFile('w+') as log:
            process = subprocess.Popen(
                [sys.executable, '-m', module, *arguments],
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
            peak = 0
            while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
                peak = max(peak, _peak_bytes(process.pid))
                time.sleep(0.02)
            runs.wall.append(time.perf_counter() - began)
            process.returncode = os.waitstatus_to_exitcode(ended[1])
            log.seek(0)
            assert process.returncode == 0, log.read()[-2000:]
        # the CPU time of a backend is available only after it has ended
        time.sleep(0.5)
        runs.server.append(self._server_seconds() - before)
        runs.client.append(ended[2].ru_utime + ended[2].ru_stime)
        runs.peak.append(peak)

    def _server_seconds(self) -> float:
        spent = self._server.cpu_times()
        return spent.children_user + spent.children_system
