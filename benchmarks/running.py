"""The whole process: `ingest`, from its start to its end.

Every repository is read, on a warehouse that has the day before. Beside it
run two that only read the same pages: one parses their JSON, the other makes
observations of them, as the ingest does, and drops them.
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
from benchmarks.pages import companies, served

from github_warehouse.config import read_settings
from github_warehouse.warehouse.connection import open_warehouse

# what `benchmarks.download` can be asked for
LEAST = ('json', 'observations')
_FIRST_DAY = date(2026, 3, 1)


@dataclass
class Runs:
    """What every run took: seconds, and bytes of memory at its peak."""

    wall: list[float] = field(default_factory=list)
    client: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    peak: list[int] = field(default_factory=list)

    @property
    def cpu(self) -> list[float]:
        """Processor time of the process and of the server's backends."""
        return [a + b for a, b in zip(self.client, self.server, strict=True)]


def measure_runs(repositories: int, samples: int) -> dict[str, Runs]:
    """Run both in turn; the first ingest, into nothing, apart."""
    found = {name: Runs() for name in ('first', 'ingest', *LEAST)}
    logins = [each.login for each in companies(repositories)]
    with (
        tempfile.TemporaryDirectory(prefix='running-') as folder,
        served(repositories) as url,
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
                for name in LEAST if number else ():
                    run(found[name], 'benchmarks.download', name, url, *logins)
    return found


def _postmaster(folder: Path) -> psutil.Process:
    (pid_file,) = folder.rglob('postmaster.pid')
    return psutil.Process(int(pid_file.read_text().split()[0]))


def _peak_bytes(pid: int) -> int:
    """Read the most memory a process has had; 0 when it has ended.

    The kernel's figure of a finished child begins with its parent's.
    """
    with suppress(ProcessLookupError, FileNotFoundError):
        for line in Path(f'/proc/{pid}/status').read_text().splitlines():
            if line.startswith('VmHWM'):
                return int(line.split()[1]) * 1024
    return 0


class _Runner:
    """Runs a module of Python, and adds up what it takes."""

    def __init__(
        self, environment: dict[str, str], server: psutil.Process
    ) -> None:
        self._environment = {**os.environ, **environment}
        self._server = server

    def __call__(self, runs: Runs, module: str, *arguments: str) -> None:
        before = self._server_seconds()
        began = time.perf_counter()
        with tempfile.TemporaryFile('w+') as said:
            process = subprocess.Popen(
                [sys.executable, '-m', module, *arguments],
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
            peak = 0
            while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
                peak = max(peak, _peak_bytes(process.pid))
                time.sleep(0.02)
            runs.wall.append(time.perf_counter() - began)
            process.returncode = os.waitstatus_to_exitcode(ended[1])
            said.seek(0)
            assert process.returncode == 0, said.read()[-2000:]
        # a backend is counted when it has ended
        time.sleep(0.5)
        runs.server.append(self._server_seconds() - before)
        runs.client.append(ended[2].ru_utime + ended[2].ru_stime)
        runs.peak.append(peak)

    def _server_seconds(self) -> float:
        spent = self._server.cpu_times()
        return spent.children_user + spent.children_system
