"""Retry requests to GitHub where that may help."""

from collections.abc import Callable
from typing import TypeVar

import structlog
import tenacity

from github_warehouse.errors import (
    MalformedError,
    RateLimitedError,
    UnreachableError,
)
from github_warehouse.github.answers import TransientError
from github_warehouse.github.limits import LimitError

T = TypeVar('T')

_MAX_ATTEMPTS = 5
_BACKOFF = tenacity.wait_exponential(multiplier=2) + tenacity.wait_random()


def retry(
    send: Callable[[], T], host: str, sleep: Callable[[float], None]
) -> T:
    """Send a request, and up to four times more if that may help.

    Args:
        send: sends the request and returns the parsed answer.
        host: GitHub's host, for messages.
        sleep: waits for a number of seconds.

    Raises:
        RateLimitedError: the last attempt met a rate limit.
        UnreachableError: the last attempt gave no usable answer.
        MalformedError: the last answer was malformed.
    """
    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(_MAX_ATTEMPTS),
        wait=_wait,
        retry=tenacity.retry_if_exception_type(
            (TransientError, MalformedError, LimitError)
        ),
        before_sleep=_log_retry,
        sleep=sleep,
        reraise=True,
    )
    try:
        return retrying(send)
    except TransientError as error:
        raise UnreachableError(
            f'{host} gave no usable answer in {_MAX_ATTEMPTS} attempts: '
            f'{error}; check GITHUB_API_URL and the network, or run again '
            'later'
        ) from error
    except LimitError as error:
        raise RateLimitedError(
            f'{host} refused a request {_MAX_ATTEMPTS} times because of '
            f'a rate limit, despite waiting: {error}; run again later'
        ) from error


def _wait(state: tenacity.RetryCallState) -> float:
    """Return seconds to wait; the rate limiter waits for rate limits."""
    error = state.outcome.exception() if state.outcome else None
    return 0 if isinstance(error, LimitError) else _BACKOFF(state)


def _log_retry(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0
    log = structlog.get_logger().bind(
        reason=str(error), attempt=state.attempt_number
    )
    if isinstance(error, LimitError):
        log.warning('GitHub set a rate limit')
    else:
        log.warning('trying again', wait_seconds=round(wait, 1))
