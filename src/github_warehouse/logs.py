"""Structured log lines, on standard error."""

import logging
import sys

import structlog


def configure_logs(log_format: str) -> None:
    """Write log lines for a person (console) or for a machine (json)."""
    is_terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == 'json'
        else structlog.dev.ConsoleRenderer(
            colors=is_terminal, pad_event_to=0, sort_keys=False
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt='iso', utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.getLogger('yoyo').setLevel(logging.WARNING)
