"""Make standard output and error safe to write, even if they are closed."""

import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO


def prepare_streams() -> None:
    """Reopen closed standard streams; make writing to standard error safe.

    A log that cannot be written must not stop a run. If standard output is
    closed, writing to it still fails. Descriptors 0 to 2 must be open, because
    the next file or connection would otherwise get a closed one's number.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # opened in the wrong mode, so that using it fails as before
            mode = os.O_WRONLY if descriptor == 0 else os.O_RDONLY
            os.open(os.devnull, mode)
    # None if it was closed
    if sys.stdout is None:
        sys.stdout = _text(io.FileIO(1, 'wb', closefd=False), None)
    sys.stderr = _text(_Lossy(2, 'wb', closefd=False), sys.stderr)


def allow_lost_output() -> None:
    """Ignore errors of standard output, for commands that do other work.

    A closed pipe must not stop `ingest` from writing the day.
    """
    sys.stdout = _text(_Lossy(1, 'wb', closefd=False), sys.stdout)


def flush_output() -> None:
    """Flush standard output; if that fails, discard its buffer.

    Raises:
        OSError: flushing failed.
    """
    try:
        sys.stdout.flush()
    except OSError:
        drop_output()
        raise


def drop_output() -> None:
    """Discard buffered output, so that flushing it at exit cannot fail."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


class _Lossy(io.FileIO):
    """A stream that discards data that cannot be written."""

    def write(self, data: Any) -> int:
        with suppress(OSError):
            return super().write(data) or 0
        return memoryview(data).nbytes


def _text(stream: io.FileIO, replaced: TextIO | None) -> TextIO:
    """Return a text stream with the encoding of the stream it replaces."""
    return io.TextIOWrapper(
        io.BufferedWriter(stream),
        encoding=replaced.encoding if replaced else 'utf-8',
        errors='backslashreplace',
        line_buffering=True,
    )
