"""A stack of containers in a copy of the project."""

import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stack:
    """A demo stack in a copy of the project.

    Attributes:
        folder: the copy.
        environment: of every command.
        seconds_to_healthy: how long `make demo-stack` took.
        said: what it said.
    """

    folder: Path
    environment: dict[str, str]
    seconds_to_healthy: float = 0.0
    said: str = field(default='', repr=False)

    @property
    def project(self) -> str:
        """Name the Compose project, which is that of a demo."""
        return f'{self.environment["COMPOSE_PROJECT_NAME"]}-demo'

    @property
    def secrets(self) -> dict[str, str]:
        """Read the secrets by the names of their settings."""
        lines = (self.folder / '.demo-stack/env.local').read_text()
        return dict(
            line.split('=', 1) for line in lines.splitlines() if '=' in line
        )

    def run(
        self, *command: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder; it may fail."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=900,
            stdin=subprocess.DEVNULL,
        )

    def check(self, *command: str, **environment: str) -> str:
        """Run a command that must not fail; return its standard output."""
        done = self.run(*command, **environment)
        assert done.returncode == 0, f'{command}: {done.stdout}{done.stderr}'
        return done.stdout

    def compose(self, *arguments: str) -> str:
        """Run docker compose."""
        return self.check('scripts/compose', *arguments)

    def up(self) -> None:
        """Start it, and wait until it is healthy."""
        started = time.monotonic()
        self.said = self.check('make', '--no-print-directory', 'demo-stack')
        self.seconds_to_healthy = time.monotonic() - started

    def query(
        self,
        statement: str,
        role: str = 'postgres',
        database: str = 'warehouse',
    ) -> str:
        """Ask PostgreSQL, inside its container; rows as psql's lines."""
        return self.compose(
            *('exec', '-T', 'warehouse', 'psql', '--no-psqlrc', '-qAt'),
            *('-v', 'ON_ERROR_STOP=1'),
            *('-U', role, '-d', database, '-c', statement),
        ).strip()

    def url(self, role: str, secret: str, database: str = 'warehouse') -> str:
        """Return the URL by which the host reaches the warehouse."""
        port = self.environment['WAREHOUSE_PUBLISHED_PORT']
        password = self.secrets[secret]
        return f'postgresql://{role}:{password}@127.0.0.1:{port}/{database}'

    def wait_for(
        self, what: str, is_so: Callable[[], bool], seconds: float = 30
    ) -> None:
        """Wait until something is so."""
        until = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < until, f'{what}: not in {seconds} s'
            time.sleep(0.2)

    def runs(self) -> int:
        """Count the runs of the ingest."""
        return int(self.query('select count(*) from pipeline_runs'))


def free_port() -> int:
    """Find a port of 127.0.0.1 where nobody listens."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return int(listener.getsockname()[1])
