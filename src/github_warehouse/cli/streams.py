"""Standard output and error, however they were opened."""

import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO


def prepare_streams() -> None:
    """Make standard error never fail, and a closed standard output refuse.

    A log that cannot be written must not stop a run. A descriptor that was
    closed would otherwise be given to the next file or connection.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # the wrong mode, so that writing fails as on a closed descriptor
            mode = os.O_WRONLY if descriptor == 0 else os.O_RDONLY
            os.open(os.devnull, mode)
    # None when it was closed
    if sys.stdout is None:
        sys.stdout = _text(io.FileIO(1, 'wb', closefd=False), None)
    sys.stderr = _text(_Lossy(2, 'wb', closefd=False), sys.stderr)


def allow_lost_output() -> None:
    """Make standard output never fail, for commands that do other work.

    What `ingest` prints must not cost the day.
    """
    sys.stdout = _text(_Lossy(1, 'wb', closefd=False), sys.stdout)


def flush_output() -> None:
    """Flush standard output; if that fails, drop what is in the buffer.

    Raises:
        OSError: it fails.
    """
    try:
        sys.stdout.flush()
    except OSError:
        drop_output()
        raise


def drop_output() -> None:
    """Make what is still buffered go nowhere, so that exiting cannot fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


class _Lossy(io.FileIO):
    """A stream that loses what cannot be written."""

    def write(self, data: Any) -> int:
        with suppress(OSError):
            return super().write(data) or 0
        return memoryview(data).nbytes


def _text(stream: io.FileIO, replaced: TextIO | None) -> TextIO:
    """Return a stream of text, in the encoding of the one it replaces."""
    return io.TextIOWrapper(
        io.BufferedWriter(stream),
        encoding=replaced.encoding if replaced else 'utf-8',
        errors='backslashreplace',
        line_buffering=True,
    )
