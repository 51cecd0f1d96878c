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
        folder: folder of the copy.
        environment: environment of every command.
        seconds_to_healthy: duration of `make demo-stack`.
        output: output of `make demo-stack`.
    """

    folder: Path
    environment: dict[str, str]
    seconds_to_healthy: float = 0.0
    output: str = field(default='', repr=False)

    @property
    def project(self) -> str:
        """Return the name of the Compose project of the demo."""
        return f'{self.environment["COMPOSE_PROJECT_NAME"]}-demo'

    @property
    def secrets(self) -> dict[str, str]:
        """Return the secrets by the names of their settings."""
        lines = (self.folder / '.demo-stack/env.local').read_text()
        return dict(
            line.split('=', 1) for line in lines.splitlines() if '=' in line
        )

    def run(
        self, *command: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder; a failure is allowed."""
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
        """Run a command that must succeed; return its standard output."""
        done = self.run(*command, **environment)
        assert done.returncode == 0, f'{command}: {done.stdout}{done.stderr}'
        return done.stdout

    def compose(self, *arguments: str) -> str:
        """Run docker compose."""
        return self.check('scripts/compose', *arguments)

    def up(self) -> None:
        """Start the stack and wait until it is healthy."""
        started = time.monotonic()
        self.output = self.check('make', '--no-print-directory', 'demo-stack')
        self.seconds_to_healthy = time.monotonic() - started

    def query(
        self,
        statement: str,
        role: str = 'postgres',
        database: str = 'warehouse',
    ) -> str:
        """Run psql in the PostgreSQL container; return the rows as lines."""
        return self.compose(
            *('exec', '-T', 'warehouse', 'psql', '--no-psqlrc', '-qAt'),
            *('-v', 'ON_ERROR_STOP=1'),
            *('-U', role, '-d', database, '-c', statement),
        ).strip()

    def url(self, role: str, secret: str, database: str = 'warehouse') -> str:
        """Return the URL of the warehouse from the host."""
        port = self.environment['WAREHOUSE_PUBLISHED_PORT']
        password = self.secrets[secret]
        return f'postgresql://{role}:{password}@127.0.0.1:{port}/{database}'

    def wait_for(
        self, event: str, has_happened: Callable[[], bool], seconds: float = 30
    ) -> None:
        """Wait until a condition holds."""
        until = time.monotonic() + seconds
        while not has_happened():
            assert time.monotonic() < until, f'{event}: not in {seconds} s'
            time.sleep(0.2)

    def runs(self) -> int:
        """Return the number of ingest runs."""
        return int(self.query('select count(*) from pipeline_runs'))


def free_port() -> int:
    """Return an unused port of 127.0.0.1."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return int(listener.getsockname()[1])
