"""Structured log lines, on standard error."""

import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import structlog

from github_warehouse.printable import printable
from github_warehouse.redact import redact


def configure_logs(
    log_format: str, file: TextIO | None = None, log_level: str = 'info'
) -> None:
    """Configure structlog for people (console) or for machines (json).

    Args:
        log_format: console or json.
        file: where to write; None for standard error.
        log_level: info or debug.
    """
    target = file or sys.stderr
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == 'json'
        else structlog.dev.ConsoleRenderer(
            colors=target.isatty(), pad_event_to=0, sort_keys=False
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt='iso', utc=True),
            structlog.processors.format_exc_info,
            _clean_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(log_level),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    logging.getLogger('yoyo').setLevel(logging.WARNING)


@contextmanager
def log_to_file(path: Path) -> Iterator[None]:
    """Append log lines to a file inside the block, and restore afterwards."""
    with open(path, 'a', encoding='utf-8') as file:
        configure_logs('console', file)
        try:
            yield
        finally:
            configure_logs('console')


@contextmanager
def phase(name: str) -> Iterator[dict[str, object]]:
    """Log the start and end of a phase, with its seconds and counts.

    Yields:
        The counts that the last line reports; fill it inside the block.
    """
    log = structlog.get_logger().bind(phase=name)
    log.info('phase starts')
    began = time.monotonic()
    counts: dict[str, object] = {}
    yield counts
    log.info(
        'phase ends', seconds=round(time.monotonic() - began, 3), **counts
    )


def _clean_event(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Remove secrets and control characters from a log line."""
    return {key: _clean(value) for key, value in event.items()}


def _clean(value: object) -> object:
    """Clean a value recursively; unknown types become text."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(_clean(str(k))): _clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(each) for each in value]
    # keep the line breaks of tracebacks
    return '\n'.join(map(printable, redact(str(value)).split('\n')))
