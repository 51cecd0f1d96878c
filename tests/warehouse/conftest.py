"""A folder for tests that run a server of their own."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter: only what is in it is protected."""
    with tempfile.TemporaryDirectory(prefix='warehouse-test-') as path:
        os.chmod(path, 0o755)
        yield Path(path)
