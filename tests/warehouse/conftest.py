"""Fixture: a folder for tests that run a separate server."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder open to all accounts: only its contents are protected."""
    with tempfile.TemporaryDirectory(prefix='warehouse-test-') as path:
        os.chmod(path, 0o755)
        yield Path(path)
