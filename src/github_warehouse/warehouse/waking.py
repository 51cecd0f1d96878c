"""Retry a connection to a PostgreSQL that is suspended, starting or down."""

import psycopg2
import structlog
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
)

from github_warehouse.warehouse.failures import reason


def _may_wake(error: BaseException) -> bool:
    """Return whether the server may be suspended or starting."""
    return isinstance(error, psycopg2.OperationalError) and any(
        sign in str(error) for sign in _SIGNS_OF_SLEEP
    )


def _log_away(state: RetryCallState) -> None:
    error = state.outcome and state.outcome.exception()
    structlog.get_logger().warning(
        'PostgreSQL is unreachable, retrying',
        reason=reason(error) if isinstance(error, psycopg2.Error) else '',
    )


# A hosted PostgreSQL that is suspended takes some seconds to wake.
CONNECT_SECONDS = 20
_SIGNS_OF_SLEEP = (
    'timeout expired',
    'timed out',
    'EOF detected',
    'not yet accepting connections',
    'shutting down',
    'closed the connection unexpectedly',
    'Connection reset',
    'is starting up',
)
QUICK = Retrying(
    stop=stop_after_attempt(4),
    wait=wait_exponential(multiplier=0.5),
    retry=retry_if_exception(_may_wake),
    reraise=True,
)
# Long enough for a restart with recovery, or for others to disconnect.
PATIENT = Retrying(
    stop=stop_after_delay(600),
    wait=wait_exponential(multiplier=0.5, max=20),
    retry=retry_if_exception_type(psycopg2.OperationalError),
    before_sleep=_log_away,
    reraise=True,
)
